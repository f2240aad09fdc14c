#include "reports/report_verdict.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

struct VerdictWords {
  ReportVerdict verdict;
  const char* name;
  const char* words;
};

constexpr VerdictWords kVerdictWords[] = {
    {ReportVerdict::kRegressed, "regressed", "regressed"},
    {ReportVerdict::kWorse, "worse", "worse"},
    {ReportVerdict::kRefused, "refused", "not comparable"},
    {ReportVerdict::kUnfinished, "unfinished", "unfinished"},
    {ReportVerdict::kInconclusive, "inconclusive", "inconclusive"},
    {ReportVerdict::kUnscored, "unscored", "not scored"},
    {ReportVerdict::kUnpaired, "unpaired", "not in the baseline"},
    {ReportVerdict::kBetter, "better", "better"},
    {ReportVerdict::kPassed, "passed", "passed"},
    {ReportVerdict::kNoDifference, "no_difference", "no difference shown"},
    {ReportVerdict::kScored, "scored", "scored"},
};

const VerdictWords& words_of_verdict(ReportVerdict verdict) {
  return kVerdictWords[static_cast<size_t>(verdict)];
}

ReportVerdict verdict_from(GateVerdict verdict) {
  switch (verdict) {
    case GateVerdict::kRegressed:
      return ReportVerdict::kRegressed;
    case GateVerdict::kPassed:
      return ReportVerdict::kPassed;
    case GateVerdict::kInconclusive:
      break;
  }
  return ReportVerdict::kInconclusive;
}

ReportVerdict verdict_from(const ScoreComparison& score, double alpha) {
  const double gain = score.lower_is_better ? -score.paired.difference : score.paired.difference;
  if (!(score.p_holm < alpha) || gain == 0) return ReportVerdict::kNoDifference;
  return gain > 0 ? ReportVerdict::kBetter : ReportVerdict::kWorse;
}

// As sentence_of() of words.h, with the baseline in A's place and without names.
std::string change_words(const ScoreComparison& score) {
  const scorers::PairedComparison& paired = score.paired;
  if (paired.binary && paired.a_only + paired.b_only == 0) {
    return fmt::format("is right and wrong on the same {} as the baseline", count_of(paired.n, "question"));
  }
  if (paired.difference == 0 && !paired.binary) return "scores the same on average as the baseline";
  std::string text;
  if (paired.binary) {
    text = fmt::format("answers {} that the baseline missed and misses {} that it answered",
                       count_of(paired.b_only, "question"), paired.a_only);
  } else {
    text = fmt::format("scores {}{} {} than the baseline on average over {}",
                       difference_words(score, std::fabs(paired.difference)).substr(1), score.share ? " points" : "",
                       paired.difference > 0 ? "higher" : "lower", count_of(paired.n, "sample"));
  }
  text += "; a difference this large arises by chance " + by_chance(paired.p);
  if (score.p_holm == paired.p) return text;
  // In words: no format of a report needs to escape a message.
  const std::string p = replace_all(format_p(score.p_holm), "<", "below");
  return text + fmt::format(" (corrected for the tasks compared: p {})", p);
}

std::string gate_words(const GateTask& task, double margin_points) {
  std::string text = fmt::format("one-sided 95 % limits {:+.2f} and {:+.2f} points, margin {:g}",
                                 100 * task.limits.low, 100 * task.limits.high, margin_points);
  if (task.samples_to_settle) {
    text += fmt::format("; about {} would settle it", count_of(*task.samples_to_settle, "sample"));
  }
  return text;
}

}  // namespace

std::string to_string(ReportVerdict verdict) {
  return words_of_verdict(verdict).name;
}

std::string words_for(ReportVerdict verdict) {
  return words_of_verdict(verdict).words;
}

std::string difference_words(const ScoreComparison& score, double difference) {
  if (std::isnan(difference)) return "-";
  return score.share ? fmt::format("{:+.2f}", 100 * difference) : fmt::format("{:+.4f}", difference);
}

void judge_state(ReportedRun& run) {
  const store::RunInfo& info = run.run.info;
  if (info.state != store::State::kDone) {
    run.verdict = ReportVerdict::kUnfinished;
    const bool running = info.state == store::State::kRunning;
    run.message = fmt::format("{}: {} of {} answered{}", running ? "still running" : "interrupted", info.answered,
                              count_of(static_cast<int64_t>(info.n), "sample"),
                              running ? " so far" : "; continue it with assay run --resume");
    return;
  }
  if (!run.run.metrics.empty()) return;
  run.verdict = ReportVerdict::kUnscored;
  // Programs have no score until they are executed.
  const bool programs = run.run.scorer_version.starts_with("code/");
  run.message = fmt::format("{}, {}", count_of(static_cast<int64_t>(info.answered), "answer"),
                            programs ? "programs that were not executed" : "none with a score");
}

void judge_comparison(ReportedRun& run, double alpha, std::optional<double> margin_points) {
  if (!run.comparison) return;
  const ScoreComparison& score = run.comparison->scores.front();
  run.message = change_words(score);
  if (run.gate && margin_points) {
    run.verdict = verdict_from(run.gate->verdict);
    run.message += "; " + gate_words(*run.gate, *margin_points);
  } else {
    run.verdict = verdict_from(score, alpha);
  }
}

}  // namespace assay::reports
