#include "scorers/statistics/two_way_clustered_share.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "base/error.h"
#include "scorers/statistics/cluster_sums.h"
#include "scorers/statistics/student_t.h"
#include "scorers/statistics/undefined.h"
#include "scorers/statistics/wilson_interval.h"

namespace assay::scorers {
namespace {

double most_common(std::span<const double> values) {
  std::map<double, int> times;
  for (const double value : values) ++times[value];
  return std::max_element(times.begin(), times.end(), [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

// n·(k+1)/(m+s), and infinity where enough prompts differ.
double bound_of(std::span<const double> values, std::span<const int> prompt, int prompts) {
  const double common = most_common(values);
  std::vector<double> distance;
  for (const double value : values) distance.push_back(std::abs(value - common));
  double differing = 0;  // m
  int holding = 0;       // k
  for (const ClusterSum& cluster : cluster_sums(distance, prompt)) {
    differing += cluster.sum;
    holding += cluster.sum > 0 ? 1 : 0;
  }
  if (holding >= kFewPrompts) return std::numeric_limits<double>::infinity();
  const double n = static_cast<double>(values.size());
  return n * (holding + 1) / (differing + n / prompts);
}

}  // namespace

TwoWayShare two_way_clustered_share(std::span<const double> values, std::span<const int> prompt,
                                    std::span<const int> rater, double level) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (!(values[i] >= 0 && values[i] <= 1)) {
      fail_input("share of ratings: value {} is {}; give numbers from 0 to 1", i, values[i]);
    }
  }
  TwoWayShare result;
  result.mean = two_way_clustered_mean(values, prompt, rater, {}, level);
  if (result.mean.prompts < 2) {
    result.effective = kUndefined;
    result.interval = {kUndefined, kUndefined};
    return result;
  }
  const double share = std::clamp(result.mean.mean, 0.0, 1.0);
  const double variance = result.mean.stderr_ * result.mean.stderr_;
  const double bound = bound_of(values, prompt, result.mean.prompts);
  result.few = std::isfinite(bound);
  // Without any variation 0/0, where the bound counts.
  result.effective = variance > 0 ? std::min(bound, share * (1 - share) / variance) : bound;
  const double quantile = student_quantile((1 + level) / 2, result.mean.freedom);
  result.interval = wilson_interval(share * result.effective, result.effective, quantile);
  return result;
}

}  // namespace assay::scorers
