#include "scorers/statistics/macro_average.h"

#include <cmath>

namespace assay::scorers {

MeanEstimate macro_average(std::span<const MeanEstimate> subsets) {
  const double k = static_cast<double>(subsets.size());
  double means = 0;
  double variances = 0;
  int n = 0;
  for (const MeanEstimate& subset : subsets) {
    means += subset.mean;
    variances += subset.stderr_ * subset.stderr_;
    n += subset.n;
  }
  return {means / k, std::sqrt(variances) / k, n};
}

}  // namespace assay::scorers
