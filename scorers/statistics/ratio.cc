#include "scorers/statistics/ratio.h"

#include <cmath>
#include <numeric>

#include "scorers/statistics/undefined.h"

namespace assay::scorers {

RatioEstimate ratio_of_sums(std::span<const double> y, std::span<const double> x) {
  const double below = std::accumulate(x.begin(), x.end(), 0.0);
  if (below == 0) return {kUndefined, kUndefined};
  const double ratio = std::accumulate(y.begin(), y.end(), 0.0) / below;
  if (y.size() < 2) return {ratio, kUndefined};
  double squares = 0;
  for (size_t i = 0; i < y.size(); ++i) {
    const double residual = y[i] - ratio * x[i];
    squares += residual * residual;
  }
  const double n = static_cast<double>(y.size());
  return {ratio, std::sqrt(n / (n - 1) * squares) / std::abs(below)};
}

}  // namespace assay::scorers
