#include "scorers/statistics/pooled_stderr.h"

#include <cmath>
#include <limits>

namespace assay::scorers {

double pooled_stderr(std::span<const MeanEstimate> subsets) {
  double total = 0;
  double weighted = 0;
  for (const MeanEstimate& subset : subsets) {
    const double n = subset.n;
    total += n;
    if (subset.n > 1) weighted += (n - 1) * n * subset.stderr_ * subset.stderr_;
  }
  const double freedom = total - static_cast<double>(subsets.size());
  if (freedom <= 0) return std::numeric_limits<double>::quiet_NaN();
  return std::sqrt(weighted / freedom / total);
}

}  // namespace assay::scorers
