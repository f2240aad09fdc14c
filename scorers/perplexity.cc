#include "scorers/perplexity.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace assay::scorers {

const RatioMetric* ratio_metric(std::string_view metric) {
  const auto* found =
      std::find_if(std::begin(kRatioMetrics), std::end(kRatioMetrics), [&](const auto& m) { return metric == m.name; });
  return found == std::end(kRatioMetrics) ? nullptr : found;
}

Rule perplexity_rule(SpecReader&) {
  Rule rule;
  rule.version = "perplexity/1";
  for (const RatioMetric& metric : kRatioMetrics) rule.names.push_back({kLogprob, metric.name, ""});
  rule.judge = [](const Answer& answer) {
    const engine::TextResponse& response = weighed_text(answer);
    if (std::isnan(response.logprob)) {
      fail_input("sample {}: the log-probability is not a number; nothing is scored from it", answer.sample.id);
    }
    Score score;
    score.values[kLogprob] = response.logprob;
    score.values["tokens"] = static_cast<double>(response.tokens);
    score.values["bytes"] = static_cast<double>(asked_text(answer).text.size());
    return score;
  };
  return rule;
}

}  // namespace assay::scorers
