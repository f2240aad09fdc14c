// A checkpoint against the baseline, and all of them as a report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/watch/options.h"
#include "reports/report.h"
#include "store/store.h"

namespace assay::harness {

struct WatchVerdict {
  reports::ReportVerdict verdict = reports::ReportVerdict::kScored;
  std::vector<std::string> tasks;  // those that decide it, where there are several and it is not good
};

// Surely worse: what the command is for.
bool is_regression(reports::ReportVerdict verdict);

// The verdict that `assay report` gives for the batch: of the gate with a margin, else of the comparison.
WatchVerdict judge_batch(const store::Store& store, const store::Batch& batch, const WatchOptions& options);

// Which baseline verdicts are against, and how. Another one of the same name has another key.
std::string baseline_key(const store::Store& store, const WatchOptions& options);

// A verdict as a tag of its batch, valid for one baseline. Nothing where the batch has none, or one for another.
std::string verdict_tag(const WatchVerdict& verdict, const std::string& baseline_key);
std::optional<WatchVerdict> verdict_of_tag(const store::Batch& batch, const std::string& baseline_key);

// "checkpoint-500 (step 500): demo_mmlu 74.67, demo_arc 61.00: regressed (demo_mmlu)".
std::string verdict_line(const store::Store& store, const store::Batch& batch, const WatchVerdict& verdict);
// The same for programs, with each run's first metric.
store::Json verdict_json(const store::Store& store, const store::Batch& batch, const WatchVerdict& verdict);

// Writes the baseline and the batches that were concluded into every file of the options, each in one piece. Errors:
// those of reports::make_report, kIo for a file that cannot be written.
void write_watch_reports(const store::Store& store, const std::vector<store::Batch>& batches,
                         const WatchOptions& options);

}  // namespace assay::harness
