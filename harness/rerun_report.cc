#include "harness/rerun_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace assay::harness {
namespace {

constexpr size_t kShownDifferences = 10;

std::string counted(size_t n, const char* one, const char* many) {
  return fmt::format("{} {}", n, n == 1 ? one : many);
}

std::string what_was_compared(const RerunResult& result) {
  std::string text = counted(result.samples, "sample", "samples");
  if (result.logprobs > 0) text += ", " + counted(result.logprobs, "log-probability", "log-probabilities");
  if (result.texts > 0) text += ", " + counted(result.texts, "text", "texts");
  return text;
}

std::string what_differs(const RerunResult& result, std::optional<double> tolerance) {
  std::vector<std::string> parts;
  if (result.logprobs_differ > 0) {
    std::string part = fmt::format("{} of {} log-probabilities differ", result.logprobs_differ, result.logprobs);
    if (result.largest > 0) part += fmt::format(", by at most {:.3g}", result.largest);
    if (tolerance) part += fmt::format(" ({} by more than the tolerance)", result.logprobs_failed);
    parts.push_back(part);
  }
  if (result.texts_differ > 0) {
    std::string part = fmt::format("{} of {} texts differ", result.texts_differ, result.texts);
    if (tolerance) {
      part +=
          fmt::format(" ({} where tokens are all but equally likely, {} that this model does not say, {} undecided)",
                      result.texts_that(TextVerdict::kNearTie), result.texts_that(TextVerdict::kFailed),
                      result.texts_that(TextVerdict::kUndecided));
    }
    parts.push_back(part);
  }
  if (result.flags_differ > 0)
    parts.push_back(counted(result.flags_differ, "greedy flag differs", "greedy flags differ"));
  if (result.lengths_differ > 0) {
    parts.push_back(counted(result.lengths_differ, "number of tokens differs", "numbers of tokens differ"));
  }
  if (!result.unanswered.empty()) {
    parts.push_back(counted(result.unanswered.size(), "sample has no answer", "samples have no answer") +
                    (result.stopped.empty() ? "" : " (" + result.stopped + ")"));
  }
  return join(parts, "; ");
}

const char* verdict_name(TextVerdict verdict) {
  switch (verdict) {
    case TextVerdict::kFailed:
      return "failed";
    case TextVerdict::kNearTie:
      return "near_tie";
    case TextVerdict::kUndecided:
      return "unknown";
  }
  return "";
}

// What failed first.
std::vector<RerunDifference> first_differences(const RerunResult& result) {
  std::vector<RerunDifference> shown = result.differences;
  std::stable_partition(shown.begin(), shown.end(), [](const RerunDifference& each) { return each.failed; });
  if (shown.size() > kShownDifferences) shown.erase(shown.begin() + kShownDifferences, shown.end());
  return shown;
}

}  // namespace

std::string facts_text(const std::vector<FactDifference>& model, bool went_on,
                       const std::vector<FactDifference>& machine, const std::vector<FactDifference>& build) {
  std::string text;
  for (const FactDifference& each : model) {
    text += fmt::format("Another model: {} is {} on record and {} here{}\n", each.field, each.recorded, each.here,
                        went_on ? "; compared all the same (--ignore-hash)" : "; nothing was computed");
  }
  for (const FactDifference& each : machine) {
    text += fmt::format("Another machine: {} is {} on record and {} here\n", each.field, each.recorded, each.here);
  }
  for (const FactDifference& each : build) {
    text += fmt::format("Another build: {} is {} on record and {} here\n", each.field, each.recorded, each.here);
  }
  return text;
}

store::Json facts_json(const std::vector<FactDifference>& model, const std::vector<FactDifference>& machine,
                       const std::vector<FactDifference>& build) {
  store::Json json = store::Json::array();
  for (const auto* list : {&model, &machine, &build}) {
    for (const FactDifference& each : *list) {
      json.push_back({{"field", each.field}, {"recorded", each.recorded}, {"here", each.here}});
    }
  }
  return json;
}

std::string result_text(const RerunResult& result, std::optional<double> tolerance, const std::string& kernels) {
  std::string text = what_was_compared(result) + ": ";
  text += result.all_equal() ? "all bits equal" : what_differs(result, tolerance);
  if (tolerance) text += fmt::format(" (compared with a tolerance of {:g}, on kernel set {})", *tolerance, kernels);
  text += "\n";
  const std::vector<RerunDifference> shown = first_differences(result);
  for (const RerunDifference& each : shown) {
    text += fmt::format("  {}  {}: recorded {}, now {}\n", each.sample, each.what, each.recorded, each.now);
  }
  if (shown.size() < result.differences.size()) {
    text += fmt::format("  and {} more differences\n", result.differences.size() - shown.size());
  }
  if (result.undecided()) {
    text +=
        "Whether the undecided texts are this model's cannot be told on this kernel set; the recorded one decides.\n";
  }
  return text;
}

store::Json result_json(const RerunResult& result, std::optional<double> tolerance) {
  store::Json json;
  json["samples"] = result.samples;
  json["tolerance"] = tolerance ? store::Json(*tolerance) : store::Json();
  json["logprobs"] = result.logprobs;
  json["logprobs_differ"] = result.logprobs_differ;
  json["logprobs_failed"] = result.logprobs_failed;
  json["largest_difference"] = result.largest;
  json["texts"] = result.texts;
  json["texts_differ"] = result.texts_differ;
  json["texts_failed"] = result.texts_that(TextVerdict::kFailed);
  json["texts_undecided"] = result.texts_that(TextVerdict::kUndecided);
  json["greedy_differ"] = result.flags_differ;
  json["lengths_differ"] = result.lengths_differ;
  json["unanswered"] = result.unanswered.size();
  json["stopped"] = result.stopped.empty() ? store::Json() : store::Json(result.stopped);
  json["differences"] = store::Json::array();
  for (const RerunDifference& each : first_differences(result)) {
    store::Json entry = {{"sample", each.sample}, {"what", each.what}, {"recorded", each.recorded}, {"now", each.now}};
    entry["failed"] = each.failed;
    if (each.text) entry["text"] = verdict_name(*each.text);
    json["differences"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace assay::harness
