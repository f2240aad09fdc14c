#include "harness/watch/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "datasets/published.h"
#include "harness/watch/records.h"
#include "reports/report_formats.h"
#include "reports/run_table.h"

namespace assay::harness {
namespace {

using reports::ReportVerdict;

reports::ReportOptions report_options(const WatchOptions& options) {
  return {options.baseline, options.margin_points, options.allow, {}};
}

std::optional<ReportVerdict> verdict_named(const std::string& name) {
  for (int i = 0; i <= static_cast<int>(ReportVerdict::kScored); ++i) {
    if (to_string(static_cast<ReportVerdict>(i)) == name) return static_cast<ReportVerdict>(i);
  }
  return std::nullopt;
}

bool is_good(ReportVerdict verdict) {
  return verdict == ReportVerdict::kPassed || verdict == ReportVerdict::kBetter ||
         verdict == ReportVerdict::kNoDifference || verdict == ReportVerdict::kScored;
}

std::string tag_or(const store::Batch& batch, const std::string& key, const std::string& otherwise) {
  const auto found = batch.tags.find(key);
  return found == batch.tags.end() ? otherwise : found->second;
}

std::vector<store::Run> runs_of_batch(const store::Store& store, const store::Batch& batch) {
  std::vector<store::Run> runs;
  for (const store::RunInfo& run : store.runs_of(batch.id)) runs.push_back(store.load_run(run.number));
  return runs;
}

store::Json number_or_null(double value) {
  return std::isfinite(value) ? store::Json(value) : store::Json();
}

}  // namespace

bool is_regression(ReportVerdict verdict) {
  return verdict == ReportVerdict::kRegressed || verdict == ReportVerdict::kWorse;
}

WatchVerdict judge_batch(const store::Store& store, const store::Batch& batch, const WatchOptions& options) {
  const reports::Report report = make_report(store, store.runs_of(batch.id), report_options(options));
  WatchVerdict verdict{report.verdict, {}};
  if (report.runs.size() < 2 || is_good(report.verdict)) return verdict;
  for (const reports::ReportedRun& run : report.runs) {
    if (run.verdict == report.verdict) verdict.tasks.push_back(run.run.info.task);
  }
  return verdict;
}

std::string baseline_key(const store::Store& store, const WatchOptions& options) {
  Sha256 hash;
  for (const store::RunInfo& run : store.resolve(options.baseline)) {
    hash.update(store.find_batch(run.batch).uid + " " + run.task + "\n");
  }
  for (const std::string& field : options.allow) hash.update(field + "\n");
  hash.update(options.margin_points ? fmt::format("{}", *options.margin_points) : "no margin");
  return hash.hex().substr(0, 16);
}

std::string verdict_tag(const WatchVerdict& verdict, const std::string& baseline_key) {
  return fmt::format("{} {} {}", to_string(verdict.verdict), baseline_key, join(verdict.tasks, " "));
}

std::optional<WatchVerdict> verdict_of_tag(const store::Batch& batch, const std::string& baseline_key) {
  std::vector<std::string> words = split(tag_or(batch, kWatchVerdictTag, ""), ' ');
  if (words.size() < 2 || words[1] != baseline_key) return std::nullopt;
  const auto verdict = verdict_named(words[0]);
  if (!verdict) return std::nullopt;
  words.erase(words.begin(), words.begin() + 2);
  std::erase(words, "");
  return WatchVerdict{*verdict, words};
}

std::string verdict_line(const store::Store& store, const store::Batch& batch, const WatchVerdict& verdict) {
  std::vector<std::string> scores;
  for (const store::Run& run : runs_of_batch(store, batch)) {
    const std::string score =
        run.metrics.empty() ? "-" : reports::format_score(run.metrics.front(), run.metrics.front().value);
    scores.push_back(run.info.task + " " + score);
  }
  std::string line = batch.name;
  if (batch.tags.contains(kStepTag)) line += fmt::format(" (step {})", batch.tags.at(kStepTag));
  line += ": " + join(scores, ", ") + ": " + words_for(verdict.verdict);
  if (!verdict.tasks.empty()) line += " (" + join(verdict.tasks, ", ") + ")";
  return line;
}

store::Json verdict_json(const store::Store& store, const store::Batch& batch, const WatchVerdict& verdict) {
  store::Json json;
  json["checkpoint"] = tag_or(batch, kWatchCheckpointTag, batch.name);
  json["batch"] = batch.name;
  json["step"] = batch.tags.contains(kStepTag) ? store::Json(std::stoll(batch.tags.at(kStepTag))) : store::Json();
  json["verdict"] = to_string(verdict.verdict);
  json["tasks"] = verdict.tasks;
  json["runs"] = store::Json::array();
  for (const store::Run& run : runs_of_batch(store, batch)) {
    store::Json of_run = {{"run", run.info.number}, {"task", run.info.task}};
    if (!run.metrics.empty()) {
      const scorers::Metric& first = run.metrics.front();
      of_run["metric"] = first.name;
      of_run["value"] = number_or_null(first.value);
      of_run["low"] = number_or_null(first.low);
      of_run["high"] = number_or_null(first.high);
    }
    json["runs"].push_back(std::move(of_run));
  }
  return json;
}

void write_watch_reports(const store::Store& store, const std::vector<store::Batch>& batches,
                         const WatchOptions& options) {
  std::vector<store::RunInfo> runs;
  std::set<std::string> tasks;
  for (const store::Batch& batch : batches) {
    if (!was_concluded(batch)) continue;
    for (store::RunInfo& run : store.runs_of(batch.id)) {
      tasks.insert(run.task);
      runs.push_back(std::move(run));
    }
  }
  std::vector<store::RunInfo> baseline = store.resolve(options.baseline);
  std::erase_if(baseline, [&](const store::RunInfo& run) {
    // A checkpoint of the watch itself may be the baseline.
    const bool there =
        std::any_of(runs.begin(), runs.end(), [&](const auto& each) { return each.number == run.number; });
    return there || (!tasks.empty() && !tasks.contains(run.task));
  });
  runs.insert(runs.begin(), baseline.begin(), baseline.end());
  reports::ReportOptions how = report_options(options);
  how.published = datasets::published_numbers();
  const reports::Report report = make_report(store, runs, how);
  for (const std::string& file : options.reports) {
    write_file_atomically(file, write_report(*reports::find_report_format(file), report, store));
  }
}

}  // namespace assay::harness
