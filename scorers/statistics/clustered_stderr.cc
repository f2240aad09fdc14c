#include "scorers/statistics/clustered_stderr.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "base/error.h"
#include "scorers/statistics/cluster_sums.h"
#include "scorers/statistics/mean.h"

namespace assay::scorers {

ClusteredStderr clustered_stderr(std::span<const double> values, std::span<const int> cluster) {
  const MeanEstimate mean = mean_of(values);
  if (!std::isfinite(mean.mean)) {
    fail_input("clustered error: the mean of {} values is {}; give at least one value, all of them finite",
               values.size(), mean.mean);
  }
  std::vector<double> residuals(values.begin(), values.end());
  double squares = 0;
  for (double& e : residuals) {
    e -= mean.mean;
    squares += e * e;
  }
  double cluster_squares = 0;
  const std::vector<ClusterSum> sums = cluster_sums(residuals, cluster);
  for (const ClusterSum& s : sums) cluster_squares += s.sum * s.sum;

  ClusteredStderr result;
  result.clusters = static_cast<int>(sums.size());
  if (sums.size() < 2) {
    result.cr0 = result.cr1 = result.miller = std::numeric_limits<double>::quiet_NaN();
    return result;
  }
  const double n = static_cast<double>(values.size());
  const double clusters = static_cast<double>(sums.size());
  result.cr0 = std::sqrt(cluster_squares) / n;
  result.cr1 = result.cr0 * std::sqrt(clusters / (clusters - 1));
  const double variance = mean.stderr_ * mean.stderr_ + (cluster_squares - squares) / (n * n);
  result.miller = std::sqrt(std::max(variance, 0.0));
  return result;
}

}  // namespace assay::scorers
