#include "scorers/multiple_choice.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "scorers/statistics/option_values.h"

namespace assay::scorers {
namespace {

std::vector<std::string> read_metrics(SpecReader& spec) {
  std::vector<std::string> metrics;
  for (const std::string& name : spec.texts_or("metrics", {"acc"})) {
    if (!is_option_metric(name)) spec.unknown_value("metrics", name, option_metrics());
    if (std::find(metrics.begin(), metrics.end(), name) != metrics.end()) {
      spec.wrong("metrics", "a list without repeats");
    }
    metrics.push_back(name);
  }
  if (metrics.empty()) spec.wrong("metrics", "a list of at least one of " + join(option_metrics(), ", "));
  return metrics;
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

Score judge(const std::vector<std::string>& metrics, const Answer& answer) {
  const std::vector<std::string>& options = asked_options(answer).continuations;
  const std::vector<double>& logprobs = weighed_options(answer).logprobs;
  check(answer, options, logprobs);
  const std::vector<int>& gold = answer.gold.choices;
  Score score;
  score.prediction = first_maximum(logprobs);
  for (const std::string& metric : metrics) {
    const int prediction = first_maximum(option_values(metric, options, logprobs));
    score.values[metric] = std::find(gold.begin(), gold.end(), prediction) != gold.end() ? 1 : 0;
  }
  return score;
}

}  // namespace

// PROTOCOLS.md §1.1: "Prediction = first index of the maximum (ties go to the earlier option)".
int first_maximum(const std::vector<double>& values) {
  return static_cast<int>(std::max_element(values.begin(), values.end()) - values.begin());
}

Rule multiple_choice_rule(SpecReader& spec) {
  Rule rule;
  rule.version = "multiple_choice/1";
  const std::vector<std::string> metrics = read_metrics(spec);
  for (const std::string& metric : metrics) rule.names.push_back({metric, metric, ""});
  rule.judge = [metrics](const Answer& answer) { return judge(metrics, answer); };
  return rule;
}

}  // namespace assay::scorers
