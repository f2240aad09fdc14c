#include "base/error.h"
#include "base/text.h"
#include "harness/dialogues.h"
#include "harness/execution.h"
#include "harness/manifest.h"
#include "harness/prepare.h"
#include "harness/watch/options.h"
#include "harness/watch/records.h"
#include "reports/comparability.h"
#include "reports/report_formats.h"

namespace assay::harness {
namespace {

// Far beyond any use, and far below what a clock overflows at.
constexpr double kLongestSeconds = 1e7;

void check_values(const WatchOptions& options) {
  const auto within = [](const char* option, double value, double least) {
    if (value >= least && value <= kLongestSeconds) return;
    fail(ExitCode::kUsage, "{} {}: give seconds between {} and {}", option, value, least, kLongestSeconds);
  };
  within("--settle", options.settle_seconds, 0);
  within("--poll", options.poll_seconds, 0.01);
  within("--command-limit", options.command_seconds, 1);
  if (options.margin_points && !(*options.margin_points > 0 && *options.margin_points <= 100)) {
    fail(ExitCode::kUsage, "--gate {}: give the loss that is still acceptable, in points above 0",
         *options.margin_points);
  }
  if (options.baseline == "latest") {
    fail(ExitCode::kUsage, "--baseline latest: would be another with every checkpoint that is scored; give its name");
  }
  for (const std::string& file : options.reports) {
    if (reports::find_report_format(file) != nullptr) continue;
    fail(ExitCode::kUsage, "--report {}: its ending names no format; there are {}", printable(file),
         reports::report_formats_there_are());
  }
  for (const auto& [key, value] : options.run.tags) {
    if (key != kStepTag && key != kWatchTag && !key.starts_with("watch.")) continue;
    fail(ExitCode::kUsage, "--tag {}={}: is a tag that the watch writes itself; choose another key", key, value);
  }
  reports::check_allow(options.allow);
}

store::Run baseline_run(const store::Store& store, const std::string& baseline, const std::string& task) {
  std::vector<std::string> tasks;
  for (const store::RunInfo& run : store.resolve(baseline)) {
    tasks.push_back(run.task);
    if (run.task != task) continue;
    if (run.state != store::State::kDone) {
      fail(ExitCode::kUsage,
           "--baseline {}: its run of {} is {}; wait for its end, or finish it with `assay run "
           "--resume {}`",
           baseline, task, to_string(run.state), run.batch);
    }
    return store.load_run(run.number);
  }
  fail(ExitCode::kUsage,
       "--baseline {}: has no run of {} (it has {}); score the baseline on it, or leave it out of "
       "--tasks",
       baseline, task, join(tasks, ", "));
}

// What is known of a checkpoint's run before there is one. How a template writes dialogues is the checkpoint's own.
void check_asked_the_same(const store::Run& baseline, const PreparedRun& prepared, const WatchOptions& options) {
  if (asks_dialogues(prepared)) return;
  store::Run planned = baseline;
  planned.manifest = make_manifest(prepared, options.run, baseline.manifest.value("computed", store::Json()), nullptr);
  planned.scorer_version = prepared.scorer.version();
  const reports::Comparability found = reports::check_comparable(baseline, planned, {}, {options.allow});
  if (found.obstacles.empty()) return;
  const reports::Obstacle& first = found.obstacles.front();
  fail_input("--baseline {}: every checkpoint's run of {} would not be comparable with it: {} ({}, or --allow {})",
             options.baseline, baseline.info.task, first.says, first.advice, first.field);
}

}  // namespace

void check_watch(const WatchOptions& options, const std::filesystem::path& database) {
  check_values(options);
  RunOptions run = options.run;
  run.model = options.folder.string();
  check_options(run);
  // For writing: what stands in the way of the first checkpoint's run is said now.
  const store::Store store(database, store::Store::Mode::kWrite);
  refuse_other_folder(store, options.name, options.folder);
  store.resolve(options.baseline);
  const std::vector<PreparedRun> prepared = prepare_runs(run, Dialogues::kTurns);
  for (const PreparedRun& each : prepared) {
    check_asked_the_same(baseline_run(store, options.baseline, each.rendered.task), each, options);
  }
  open_jail(run, prepared);
}

}  // namespace assay::harness
