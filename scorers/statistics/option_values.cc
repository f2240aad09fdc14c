#include "scorers/statistics/option_values.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "base/text.h"

namespace assay::scorers {
namespace {

using Length = size_t (*)(std::string_view option);

struct MetricRule {
  const char* name;
  Length length;  // null: the sum is not divided
};

// PROTOCOLS.md §1.1, acc, acc_norm, acc_bytes: by the sum; / code points of the option text; / its UTF-8 bytes. Never
// tokens.
constexpr MetricRule kMetrics[] = {
    {"acc", nullptr},
    {"acc_norm", count_code_points},
    {"acc_bytes", [](std::string_view option) { return option.size(); }},
};

const MetricRule* rule_of(std::string_view metric) {
  const auto* found = std::find_if(std::begin(kMetrics), std::end(kMetrics),
                                   [&](const MetricRule& rule) { return metric == rule.name; });
  return found == std::end(kMetrics) ? nullptr : found;
}

// As in lm-evaluation-harness, where an option without text is divided by nought.
double normalised(double logprob, size_t length) {
  return length == 0 ? -std::numeric_limits<double>::infinity() : logprob / static_cast<double>(length);
}

}  // namespace

std::vector<std::string> option_metrics() {
  std::vector<std::string> names;
  for (const MetricRule& metric : kMetrics) names.emplace_back(metric.name);
  return names;
}

bool is_option_metric(std::string_view metric) {
  return rule_of(metric) != nullptr;
}

// PROTOCOLS.md §1.1, acc_norm: "the option text ... without the leading space".
std::string_view option_text(std::string_view continuation) {
  return continuation.substr(continuation.starts_with(' ') ? 1 : 0);
}

std::vector<double> option_values(std::string_view metric, const std::vector<std::string>& continuations,
                                  std::vector<double> logprobs) {
  const Length length = rule_of(metric)->length;
  for (size_t i = 0; length != nullptr && i < logprobs.size(); ++i) {
    logprobs[i] = normalised(logprobs[i], length(option_text(continuations[i])));
  }
  return logprobs;
}

}  // namespace assay::scorers
