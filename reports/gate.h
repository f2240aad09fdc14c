// May the candidate replace the baseline? Non-inferiority of every task by a margin, with one verdict over all of them
// (INTERFACE.md, `assay gate`).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reports/comparability.h"
#include "reports/score_columns.h"
#include "reports/text_style.h"
#include "scorers/statistics/paired_comparison.h"
#include "store/store.h"

namespace assay::reports {

enum class GateVerdict { kPassed, kRegressed, kInconclusive };
std::string to_string(GateVerdict verdict);  // "passed", "regressed", "inconclusive"

struct GateReportOptions {
  double margin_points = 0;  // hundredths of the score
  double alpha = 0.05;       // one-sided
  double power = 0.8;        // for the number of samples that would settle it
  bool sequential = false;   // valid at every moment; the candidate may be unfinished
  std::vector<std::string> allow;
  ColumnOptions columns;
};

struct GateTask {
  store::Run baseline;
  store::Run candidate;
  Comparability comparability;
  ScoreName score;
  int64_t n = 0;
  int clusters = 0;  // 0: independent samples
  // Candidate − baseline in the unit of the score, turned where less is better: below 0 the candidate is worse.
  double difference = 0;
  scorers::Interval limits;  // one-sided, of level 1−α each
  double p_inferior = 1;     // worse by more than the margin
  double p_inferior_holm = 1;
  double p_not_worse = 1;                    // not worse by the margin
  std::optional<int64_t> samples_to_settle;  // inconclusive alone; none where no number can be given
  GateVerdict verdict = GateVerdict::kInconclusive;
  std::vector<std::string> warnings;
};

struct GateReport {
  GateReportOptions options;
  std::vector<GateTask> tasks;
  GateVerdict verdict = GateVerdict::kInconclusive;
};

// Regressed: some task's p_inferior, corrected by Holm over the tasks, is below α. Passed: every task's p_not_worse is,
// uncorrected. Otherwise inconclusive. Errors: those of require_comparable() and score_columns(), and kUsage for a
// margin that is not above 0, an alpha outside (0, 0.5) and a power outside [0.5, 1).
GateReport gate_runs(const store::Store& store, const std::vector<std::pair<store::Run, store::Run>>& pairs,
                     const GateReportOptions& options);

// One line a task, the verdict last; what differs between the runs stands above.
std::string gate_text(const GateReport& report, const TextStyle& style = {});
store::Json gate_json(const GateReport& report);

}  // namespace assay::reports
