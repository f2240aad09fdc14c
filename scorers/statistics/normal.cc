#include "scorers/statistics/normal.h"

#include <cmath>
#include <limits>
#include <numbers>

#include "base/error.h"

namespace assay::scorers {

double normal_cdf(double z) {
  return std::erfc(-z / std::numbers::sqrt2) / 2;
}

double normal_quantile(double p) {
  if (!(p >= 0 && p <= 1)) fail_input("normal quantile: {} is not a probability; give a number from 0 to 1", p);
  if (p == 0) return -std::numeric_limits<double>::infinity();
  // The upper half is the lower half mirrored: there 1 − p is exact, and small tails keep their digits.
  if (p > 0.5) return -normal_quantile(1 - p);
  const double t = std::sqrt(-2 * std::log(p));
  double z = -(t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))));
  // The start is within 4.5e-4 and every step cubes the error.
  for (int step = 0; step < 2; ++step) {
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
    const double newton = (normal_cdf(z) - p) / density;
    z -= newton / (1 + z * newton / 2);
  }
  return z;
}

double two_sided_quantile(double alpha) {
  return -normal_quantile(alpha / 2);
}

}  // namespace assay::scorers
