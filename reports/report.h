// What the store says of some runs, put together once for every format: metrics, published numbers, what the runs are
// against a baseline, what they cost and how they came about. The formats (report_formats.h) only put it into words.
//
// The same store gives the same report, to the byte: nothing in it depends on when or where it is written. The text of
// a hidden set is in none: of its samples there are ids and scores alone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "datasets/published.h"
#include "reports/comparison.h"
#include "reports/executions.h"
#include "reports/gate.h"
#include "reports/preference.h"
#include "reports/references.h"
#include "reports/run_calibration.h"
#include "reports/run_cost.h"
#include "store/store.h"

namespace assay::reports {

// Of a run; the worst comes first, and the report's is its runs' worst.
enum class ReportVerdict {
  kRegressed,     // gate: surely worse by more than the margin
  kWorse,         // no margin given: a difference is shown, to the bad
  kRefused,       // must not be compared with the baseline
  kUnfinished,    // still running, or interrupted
  kInconclusive,  // gate
  kUnscored,      // done, but without a score (programs that were not executed)
  kUnpaired,      // the baseline has no run of the task
  kBetter,        // no margin given: a difference is shown, to the good
  kPassed,        // gate: surely not worse by the margin
  kNoDifference,  // no margin given
  kScored,        // nothing to hold it against: no baseline is given, or this is the baseline
};
std::string to_string(ReportVerdict verdict);  // for programs: "regressed", ..., "no_difference"
std::string words_for(ReportVerdict verdict);  // for people: "regressed", ..., "no difference shown"

struct ReportedRun {
  store::Run run;
  std::map<std::string, std::string> tags;  // of the batch
  bool hidden = false;                      // asks a hidden set: the report has none of its text
  std::vector<Reference> published;
  Executions executions;
  RunCost cost;
  std::optional<RunCalibration> calibration;
  std::string replay;                        // a command for a shell; empty where nothing can be computed again
  std::optional<TaskComparison> comparison;  // A is the baseline; its `published_a` and `published_b` are empty
  std::optional<RunCalibration> baseline_calibration;  // of A, where both have one
  std::optional<GateTask> gate;                        // where a margin is given
  ReportVerdict verdict = ReportVerdict::kScored;
  // What the verdict stands on, without a final stop. Fixed words and numbers alone, but of kRefused, which quotes the
  // store. Empty for kScored.
  std::string message;
};

struct ReportOptions {
  std::string baseline;                 // RUN; empty: nothing is compared
  std::optional<double> margin_points;  // as the gate's; needs a baseline
  std::vector<std::string> allow;       // fields that may differ
  std::vector<datasets::PublishedNumber> published;
};

struct Report {
  std::string baseline;  // as named in the options
  std::optional<double> margin_points;
  double alpha = 0.05;  // of gate and comparisons
  std::vector<ReportedRun> runs;
  std::vector<std::string> missing_tasks;     // of the baseline, which no run of the report has
  std::vector<PreferenceReport> preferences;  // of the rounds that its runs took part in (report_preferences.h)
  ReportVerdict verdict = ReportVerdict::kScored;
};

// Each batch is held against the baseline by itself, with the verdicts that `assay compare` and `assay gate` give for
// it. A run that must not be compared is one of the report's findings (kRefused) and no error. Errors: kUsage for a
// margin without a baseline, and those of the store, check_allow() and gate_runs().
Report make_report(const store::Store& store, const std::vector<store::RunInfo>& runs, const ReportOptions& options);

// A flip of one of the runs; both live as long as the report.
struct TellingFlip {
  const ReportedRun* run = nullptr;
  const Flip* flip = nullptr;
};

// Of the worst runs first; in a run that is not better, what was lost before what was won; then the largest change.
std::vector<TellingFlip> telling_flips(const Report& report, size_t most);
std::vector<TellingFlip> telling_flips(const ReportedRun& run, size_t most);

// Reports have none of the text of its samples.
bool asks_hidden_set(const store::Run& run);

// The model as the run's manifest names it; "unknown" where it does not.
std::string model_of(const store::Run& run);

}  // namespace assay::reports
