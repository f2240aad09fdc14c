#include "scorers/statistics/incomplete_beta.h"

#include <cmath>

#include "base/error.h"
#include "scorers/statistics/binomial.h"
#include "scorers/statistics/bisection.h"

namespace assay::scorers {
namespace {

// x^a · y^b / (a · B(a, b)) / (1 + d1/(1 + d2/(1 + ...))); converges in about √max(a, b) terms for x < (a+1)/(a+b+2).
double by_continued_fraction(double a, double b, double x, double y) {
  constexpr double kTiny = 1e-300;  // stands for a denominator of 0 (Lentz)
  constexpr double kMostTerms = 1e6;
  double fraction = 1;
  double numerator = 1;
  double denominator = 0;
  const auto add = [&](double coefficient) {
    denominator = 1 + coefficient * denominator;
    if (std::abs(denominator) < kTiny) denominator = kTiny;
    denominator = 1 / denominator;
    numerator = 1 + coefficient / numerator;
    if (std::abs(numerator) < kTiny) numerator = kTiny;
    fraction *= numerator * denominator;
    return std::abs(numerator * denominator - 1);
  };
  for (double m = 0; m < kMostTerms; ++m) {
    if (m > 0) add(m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)));
    if (add(-(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))) < 1e-15) break;
  }
  return binomial_density(a, a + b, x, y) * b / (a + b) / fraction;
}

}  // namespace

double incomplete_beta(double a, double b, double x, double y) {
  if (!(a > 0 && b > 0 && std::isfinite(a + b) && x >= 0 && x <= 1)) {
    fail_input("incomplete beta: a = {}, b = {}, x = {}; give a > 0, b > 0 and 0 <= x <= 1", a, b, x);
  }
  if (x == 0) return 0;
  if (y == 0) return 1;
  if (x < (a + 1) / (a + b + 2)) return by_continued_fraction(a, b, x, y);
  return 1 - by_continued_fraction(b, a, y, x);
}

double beta_quantile(double a, double b, double p) {
  if (!(p >= 0 && p <= 1)) fail_input("beta quantile: {} is not a probability; give a number from 0 to 1", p);
  if (p == 0) return 0;
  if (p == 1) return 1;
  return bisect(0, 1, [&](double x) { return incomplete_beta(a, b, x, 1 - x) < p; });
}

}  // namespace assay::scorers
