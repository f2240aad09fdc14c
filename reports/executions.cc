#include "reports/executions.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

template <typename T>
void add_once(std::vector<T>& values, const T& value) {
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

}  // namespace

Executions count_executions(const std::vector<store::StoredSample>& samples) {
  Executions executions;
  for (const store::StoredSample& sample : samples) {
    if (!sample.score || !sample.score->execution) continue;
    const scorers::Execution& execution = *sample.score->execution;
    ++executions.total;
    ++executions.outcomes[execution.outcome];
    if (execution.grading != "strict") add_once(executions.fallbacks, sample.plan.id);
    add_once(executions.layers, execution.layers);
  }
  return executions;
}

std::string executions_text(const Executions& executions) {
  if (executions.total == 0) return "";
  std::vector<std::pair<std::string, int>> outcomes(executions.outcomes.begin(), executions.outcomes.end());
  std::stable_sort(outcomes.begin(), outcomes.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> parts;
  parts.reserve(outcomes.size());
  for (const auto& [outcome, count] : outcomes) parts.push_back(fmt::format("{} {}", count, outcome));
  std::string text = wrapped(fmt::format("executed {}: {}", executions.total, join(parts, ", ")));
  if (!executions.fallbacks.empty()) {
    text += wrapped(fmt::format("graded in the fallback: {}", join(executions.fallbacks, ", ")));
  }
  for (const std::vector<std::string>& layers : executions.layers) text += wrapped("held by " + join(layers, ", "));
  return text;
}

store::Json executions_json(const Executions& executions) {
  return {{"total", executions.total},
          {"outcomes", executions.outcomes},
          {"fallbacks", executions.fallbacks},
          {"limits", executions.layers}};
}

}  // namespace assay::reports
