#include "scorers/metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/error.h"
#include "scorers/perplexity.h"
#include "scorers/repeats.h"
#include "scorers/statistics/macro_average.h"
#include "scorers/statistics/mean.h"
#include "scorers/statistics/normal_interval.h"
#include "scorers/statistics/pooled_stderr.h"
#include "scorers/statistics/ratio.h"
#include "scorers/statistics/wilson_interval.h"

namespace assay::scorers {
namespace {

using Samples = std::vector<const ScoredSample*>;

// What one metric comes to over one set of samples.
struct Estimate {
  MeanEstimate mean;
  Interval interval;
  bool is_share = false;  // every score was in [0, 1], so the value is a share
};

Interval within_shares(Interval interval) {
  return {std::clamp(interval.low, 0.0, 1.0), std::clamp(interval.high, 0.0, 1.0)};
}

std::vector<double> values_of(const Samples& samples, const std::string& score) {
  std::vector<double> values;
  values.reserve(samples.size());
  for (const ScoredSample* sample : samples) {
    // A sample may lack a score: in agieval_en, math is generated and has no acc_norm.
    if (const auto found = sample->values.find(score); found != sample->values.end()) values.push_back(found->second);
  }
  return values;
}

Estimate estimate_mean(const std::vector<double>& values) {
  Estimate estimate;
  estimate.mean = mean_of(values);
  estimate.is_share = std::all_of(values.begin(), values.end(), [](double x) { return x >= 0 && x <= 1; });
  if (std::all_of(values.begin(), values.end(), [](double x) { return x == 0 || x == 1; }) && !values.empty()) {
    const auto right = static_cast<double>(std::count(values.begin(), values.end(), 1.0));
    estimate.interval = wilson_interval(right, static_cast<double>(values.size()));
  } else {
    estimate.interval = normal_interval(estimate.mean.mean, estimate.mean.stderr_);
    if (estimate.is_share) estimate.interval = within_shares(estimate.interval);
  }
  return estimate;
}

// perplexity and bits per byte: the rate is a ratio of sums, the interval is that of the rate carried over.
Estimate estimate_ratio(const RatioMetric& metric, const Samples& samples) {
  std::vector<double> nats = values_of(samples, kLogprob);
  for (double& x : nats) x = -x;
  const std::vector<double> units = values_of(samples, metric.unit);
  if (units.size() != nats.size())
    fail(ExitCode::kInternal, "metric {}: a score {} is missing", metric.name, metric.unit);
  const RatioEstimate rate = ratio_of_sums(nats, units);
  const Interval interval = normal_interval(rate.ratio, rate.stderr_);
  const auto shown = [&](double x) { return metric.exponentiate ? std::exp(x) : x / std::numbers::ln2; };
  // d exp(r) = exp(r) dr
  const double slope = metric.exponentiate ? std::exp(rate.ratio) : 1 / std::numbers::ln2;
  Estimate estimate;
  estimate.mean = {shown(rate.ratio), slope * rate.stderr_, static_cast<int>(nats.size())};
  estimate.interval = {shown(interval.low), shown(interval.high)};
  return estimate;
}

Estimate estimate_samples(const Scorer::ScoreName& name, const Samples& samples) {
  const RatioMetric* ratio = ratio_metric(name.metric);
  return ratio != nullptr ? estimate_ratio(*ratio, samples) : estimate_mean(values_of(samples, name.score));
}

// A named part of the task (a group, or the whole) as the samples of each of its subsets.
struct Part {
  std::string name;
  std::vector<Samples> subsets;  // none empty
};

class Aggregation {
 public:
  explicit Aggregation(const Averaging& averaging) : averaging_(averaging) {
    require("headline", averaging.headline, {"micro", "macro"});
    require("group_stderr", averaging.group_stderr, {"pooled", "samples"});
  }

  // Micro, and where there are several subsets macro too, the headline first. Nothing where no sample has the score.
  void add(const Scorer::ScoreName& name, const Part& part) {
    std::vector<MeanEstimate> means;
    Samples all;
    bool shares = true;
    for (const Samples& subset : part.subsets) {
      const Estimate estimate = estimate_samples(name, subset);
      if (estimate.mean.n == 0) continue;
      means.push_back(estimate.mean);
      shares &= estimate.is_share;
      all.insert(all.end(), subset.begin(), subset.end());
    }
    if (means.empty()) return;
    Estimate micro = estimate_samples(name, all);
    if (means.size() == 1) return push(name, part.name, "micro", micro);
    // PROTOCOLS.md §1.5: "lm-eval's group stderr is pooled". The interval stays that of the samples: Wilson's is never
    // empty, and a ratio of sums has no pooled error.
    if (averaging_.group_stderr == "pooled" && ratio_metric(name.metric) == nullptr) {
      micro.mean.stderr_ = pooled_stderr(means);
    }
    Estimate macro;
    macro.mean = macro_average(means);
    macro.interval = normal_interval(macro.mean.mean, macro.mean.stderr_);
    // Where all samples are right, or none is, the error is estimated as 0; the interval of the samples knows better.
    if (macro.mean.stderr_ == 0 && macro.mean.mean == micro.mean.mean) macro.interval = micro.interval;
    if (shares) macro.interval = within_shares(macro.interval);
    const bool macro_first = averaging_.headline == "macro";
    push(name, part.name, macro_first ? "macro" : "micro", macro_first ? macro : micro);
    push(name, part.name, macro_first ? "micro" : "macro", macro_first ? micro : macro);
  }

  std::vector<Metric> take() { return std::move(metrics_); }

 private:
  static void require(const char* key, const std::string& value, const std::vector<std::string>& known) {
    if (std::find(known.begin(), known.end(), value) != known.end()) return;
    fail_input("average: {} = \"{}\" is unknown; write {} or {}", key, value, known[0], known[1]);
  }

  void push(const Scorer::ScoreName& name, const std::string& part, const char* average, const Estimate& estimate) {
    metrics_.push_back({name.metric, name.filter, part, average, estimate.mean.mean, estimate.mean.stderr_,
                        estimate.interval.low, estimate.interval.high, estimate.mean.n});
  }

  const Averaging& averaging_;
  std::vector<Metric> metrics_;
};

// The subsets called by `names`, or all where `names` is empty.
Part part_of(const std::string& name, const std::map<std::string, Samples>& subsets,
             const std::vector<std::string>& names) {
  Part part{name, {}};
  for (const auto& [subset, samples] : subsets) {
    const bool wanted = names.empty() || std::find(names.begin(), names.end(), subset) != names.end();
    if (wanted) part.subsets.push_back(samples);
  }
  return part;
}

}  // namespace

std::vector<Metric> aggregate(const std::vector<Scorer::ScoreName>& score_names,
                              const std::vector<ScoredSample>& scored, const Averaging& averaging) {
  const auto [names, samples] = join_repeats(score_names, scored);
  std::map<std::string, Samples> subsets;
  for (const ScoredSample& sample : samples) subsets[sample.subset].push_back(&sample);

  std::vector<Part> parts = {part_of("", subsets, averaging.averaged_subsets)};
  for (const auto& [group, members] : averaging.groups) {
    if (!members.empty()) parts.push_back(part_of(group, subsets, members));
  }
  for (const auto& [subset, members] : subsets) {
    // A benchmark of one nameless part is told by the whole already.
    if (!subset.empty()) parts.push_back({subset, {members}});
  }
  Aggregation aggregation(averaging);
  for (const Part& part : parts) {
    for (const Scorer::ScoreName& name : names) aggregation.add(name, part);
  }
  return aggregation.take();
}

}  // namespace assay::scorers
