#include "scorers/multiple_choice.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
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

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const MetricRule& metric : kMetrics) names.emplace_back(metric.name);
  return names;
}

std::vector<MetricRule> read_metrics(SpecReader& spec) {
  std::vector<MetricRule> metrics;
  for (const std::string& name : spec.texts_or("metrics", {"acc"})) {
    const auto* metric =
        std::find_if(std::begin(kMetrics), std::end(kMetrics), [&](const MetricRule& m) { return name == m.name; });
    if (metric == std::end(kMetrics)) spec.unknown_value("metrics", name, metric_names());
    if (std::any_of(metrics.begin(), metrics.end(), [&](const MetricRule& m) { return name == m.name; })) {
      spec.wrong("metrics", "a list without repeats");
    }
    metrics.push_back(*metric);
  }
  if (metrics.empty()) spec.wrong("metrics", "a list of at least one of " + join(metric_names(), ", "));
  return metrics;
}

// An option without text cannot win by its mean, as in lm-evaluation-harness, where it is divided by nought.
double normalised(double logprob, size_t length) {
  return length == 0 ? -std::numeric_limits<double>::infinity() : logprob / static_cast<double>(length);
}

void check(const Answer& answer, const std::vector<std::string>& options, const std::vector<double>& logprobs) {
  const std::string& id = answer.sample.id;
  if (logprobs.size() != options.size() || options.empty()) {
    fail_input("sample {}: {} log-probabilities for {} options; give one for each option, in their order", id,
               logprobs.size(), options.size());
  }
  if (std::any_of(logprobs.begin(), logprobs.end(), [](double x) { return std::isnan(x); })) {
    fail_input("sample {}: a log-probability is not a number; nothing is scored from it", id);
  }
  const auto is_option = [&](int choice) { return choice >= 0 && static_cast<size_t>(choice) < options.size(); };
  if (answer.gold.choices.empty() || !std::all_of(answer.gold.choices.begin(), answer.gold.choices.end(), is_option)) {
    fail_input("sample {}: no right answer among its {} options; check the data's answer field", id, options.size());
  }
}

Score judge(const std::vector<MetricRule>& metrics, const Answer& answer) {
  const std::vector<std::string>& options = asked_options(answer).continuations;
  const std::vector<double>& logprobs = weighed_options(answer).logprobs;
  check(answer, options, logprobs);
  const std::vector<int>& gold = answer.gold.choices;
  Score score;
  score.prediction = first_maximum(logprobs);
  for (const MetricRule& metric : metrics) {
    std::vector<double> values = logprobs;
    for (size_t i = 0; metric.length != nullptr && i < values.size(); ++i) {
      values[i] = normalised(values[i], metric.length(option_text(options[i])));
    }
    const bool right = std::find(gold.begin(), gold.end(), first_maximum(values)) != gold.end();
    score.values[metric.name] = right ? 1 : 0;
  }
  return score;
}

}  // namespace

// PROTOCOLS.md §1.1: "Prediction = first index of the maximum (ties go to the earlier option)".
int first_maximum(const std::vector<double>& values) {
  return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

// PROTOCOLS.md §1.1, acc_norm: "the option text ... without the leading space".
std::string_view option_text(std::string_view continuation) {
  return continuation.substr(continuation.starts_with(' ') ? 1 : 0);
}

Rule multiple_choice_rule(SpecReader& spec) {
  Rule rule;
  rule.version = "multiple_choice/1";
  const std::vector<MetricRule> metrics = read_metrics(spec);
  for (const MetricRule& metric : metrics) rule.names.push_back({metric.name, metric.name, ""});
  rule.judge = [metrics](const Answer& answer) { return judge(metrics, answer); };
  return rule;
}

}  // namespace assay::scorers
