#include "scorers/statistics/two_way_clustered_mean.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "scorers/statistics/cluster_sums.h"
#include "scorers/statistics/clustered_mean.h"
#include "scorers/statistics/mean_test.h"
#include "scorers/statistics/undefined.h"

namespace assay::scorers {
namespace {

double square(double x) {
  return x * x;
}

// One number for each prompt and rater that met.
std::vector<int> intersections(std::span<const int> prompt, std::span<const int> rater) {
  const std::vector<int> first = cluster_numbers(prompt);
  const std::vector<int> second = cluster_numbers(rater);
  std::unordered_map<int64_t, int> place;
  std::vector<int> numbers;
  for (size_t i = 0; i < first.size(); ++i) {
    const int64_t key = (static_cast<int64_t>(first[i]) << 32) + second[i];
    numbers.push_back(place.try_emplace(key, static_cast<int>(place.size())).first->second);
  }
  return numbers;
}

void set_error(TwoWayMean& result, const ClusteredMean& prompts, const ClusteredMean& raters,
               const ClusteredMean& both) {
  const double by_prompt = square(prompts.stderr_);
  const double by_rater = square(raters.stderr_);
  const double by_both = square(both.stderr_);
  const double variance = std::max({by_prompt + by_rater - by_both, by_prompt, by_rater, by_both});
  result.stderr_ = std::sqrt(variance);
  result.rater_stderr = std::sqrt(std::clamp(by_rater - by_both, 0.0, variance));
  const double noise = square(by_prompt) / prompts.freedom + square(by_rater) / raters.freedom;
  result.freedom = variance > 0 ? std::min(square(variance) / noise, both.freedom)  // the first may be x/0
                                : std::min(prompts.freedom, raters.freedom);
}

}  // namespace

TwoWayMean two_way_clustered_mean(std::span<const double> values, std::span<const int> prompt,
                                  std::span<const int> rater, std::span<const double> weight, double level) {
  if (prompt.size() != values.size() || rater.size() != values.size()) {
    fail_input("two-way clustered mean: {} values, {} prompts and {} raters; give one of each for each value",
               values.size(), prompt.size(), rater.size());
  }
  if (!(level > 0 && level < 1)) fail_input("two-way clustered mean: level {}; give a number between 0 and 1", level);
  const ClusteredMean prompts = clustered_mean(values, prompt, weight);
  const ClusteredMean raters = clustered_mean(values, rater, weight);

  TwoWayMean result;
  result.n = static_cast<int64_t>(values.size());
  result.prompts = prompts.clusters;
  result.raters = raters.clusters;
  result.mean = prompts.mean;
  result.rater_stderr = kUndefined;
  if (prompts.clusters > 1 && raters.clusters > 1) {
    set_error(result, prompts, raters, clustered_mean(values, intersections(prompt, rater), weight));
  } else {
    const ClusteredMean& single = raters.clusters > 1 ? raters : prompts;  // NaN where that has one cluster too
    result.stderr_ = single.stderr_;
    result.freedom = single.freedom;
  }
  result.interval = std::isnan(result.stderr_) ? Interval{kUndefined, kUndefined}
                                               : mean_interval(result.mean, result.stderr_, result.freedom, level);
  return result;
}

}  // namespace assay::scorers
