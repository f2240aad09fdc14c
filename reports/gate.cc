#include "reports/gate.h"

#include <algorithm>

#include "base/error.h"
#include "reports/pairing.h"
#include "scorers/statistics/multiple_comparisons.h"
#include "scorers/statistics/sequential.h"

namespace assay::reports {
namespace {

void check(const GateReportOptions& options) {
  if (!(options.margin_points > 0 && options.margin_points <= 100)) {
    fail(ExitCode::kUsage, "--margin {}: give the loss that is still acceptable, in points above 0",
         options.margin_points);
  }
  if (!(options.alpha > 0 && options.alpha < 0.5)) {
    fail(ExitCode::kUsage, "--alpha {}: give an error level between 0 and 0.5", options.alpha);
  }
  if (!(options.power >= 0.5 && options.power < 1)) {
    fail(ExitCode::kUsage, "--power {}: give a power of at least 0.5 and below 1", options.power);
  }
}

// Less is better: the roles are exchanged, so that a positive difference is a gain.
scorers::PairedScores gains(const ScoreColumns& columns) {
  scorers::PairedScores scores = columns.view();
  if (columns.lower_is_better) std::swap(scores.a, scores.b);
  return scores;
}

scorers::GateOptions gate_options(const GateReportOptions& options) {
  return {options.margin_points / 100, options.alpha, options.power};
}

void describe(GateTask& task, const ScoreColumns& columns) {
  task.score = columns.name;
  task.warnings = columns.warnings;
  if (columns.a.empty()) return;
  const scorers::PairedComparison comparison = scorers::compare_paired(gains(columns));
  task.n = comparison.n;
  task.clusters = comparison.clusters;
  task.difference = comparison.difference;
}

void judge_whole(GateTask& task, const ScoreColumns& columns, const GateReportOptions& options) {
  describe(task, columns);
  const scorers::NonInferiority result = scorers::non_inferiority(gains(columns), gate_options(options));
  task.limits = result.limits;
  task.p_inferior = result.p_inferior;
  task.p_not_worse = result.p_not_worse;
  task.samples_to_settle = result.samples_to_settle;
}

void judge_so_far(GateTask& task, const PairsSoFar& pairs, const GateReportOptions& options) {
  describe(task, pairs.columns);
  task.limits = {-1, 1};
  if (pairs.columns.a.empty()) return;
  const scorers::SequentialGate result =
      scorers::sequential_gate(gains(pairs.columns), gate_options(options), pairs.largest_cluster);
  task.limits = result.limits;
  task.p_inferior = result.p_inferior;
  task.p_not_worse = result.p_not_worse;
  task.samples_to_settle = scorers::sequential_samples(result, task.n, options.alpha);
}

GateTask judge(const store::Store& store, const store::Run& baseline, const store::Run& candidate,
               const GateReportOptions& options) {
  const Pairing pairing = pair_runs(store, baseline, candidate);
  GateTask task{baseline, candidate, {}, {}, 0, 0, 0, {}, 1, 1, 1, {}, GateVerdict::kInconclusive, {}};
  task.comparability = check_comparable(baseline, candidate, pairing, {options.allow, options.sequential});
  require_comparable(baseline, candidate, pairing, task.comparability);
  if (options.sequential) {
    judge_so_far(task, pairs_so_far(pairing, baseline, options.columns), options);
  } else {
    judge_whole(task, score_columns(pairing, baseline, options.columns).front(), options);
  }
  return task;
}

GateVerdict over_all(const std::vector<GateTask>& tasks) {
  const auto is = [](GateVerdict verdict) { return [=](const GateTask& task) { return task.verdict == verdict; }; };
  if (std::any_of(tasks.begin(), tasks.end(), is(GateVerdict::kRegressed))) return GateVerdict::kRegressed;
  if (std::all_of(tasks.begin(), tasks.end(), is(GateVerdict::kPassed))) return GateVerdict::kPassed;
  return GateVerdict::kInconclusive;
}

}  // namespace

std::string to_string(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::kPassed:
      return "passed";
    case GateVerdict::kRegressed:
      return "regressed";
    case GateVerdict::kInconclusive:
      break;
  }
  return "inconclusive";
}

GateReport gate_runs(const store::Store& store, const std::vector<std::pair<store::Run, store::Run>>& pairs,
                     const GateReportOptions& options) {
  check(options);
  GateReport report{options, {}, GateVerdict::kInconclusive};
  std::vector<double> p;
  for (const auto& [baseline, candidate] : pairs) {
    report.tasks.push_back(judge(store, baseline, candidate, options));
    p.push_back(report.tasks.back().p_inferior);
  }
  const std::vector<double> corrected = scorers::holm(p);
  for (size_t i = 0; i < report.tasks.size(); ++i) {
    GateTask& task = report.tasks[i];
    task.p_inferior_holm = corrected[i];
    if (task.p_inferior_holm < options.alpha) {
      task.verdict = GateVerdict::kRegressed;
    } else if (task.p_not_worse < options.alpha) {
      task.verdict = GateVerdict::kPassed;
    }
    if (task.verdict != GateVerdict::kInconclusive) task.samples_to_settle.reset();
  }
  report.verdict = over_all(report.tasks);
  return report;
}

}  // namespace assay::reports
