#include "scorers/statistics/paired_comparison.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "scorers/statistics/normal.h"
#include "scorers/statistics/paired_evidence.h"
#include "scorers/statistics/paired_mean_power.h"
#include "scorers/statistics/undefined.h"

namespace assay::scorers {
namespace {

PairedComparison conclude(const PairedEvidence& evidence, double level) {
  PairedComparison result = evidence.facts;
  if (!evidence.has_error) {
    result.interval = {kUndefined, kUndefined};
    return result;
  }
  if (result.method == PairedMethod::kScore) {
    result.p = result.mcnemar.exact_p;
    if (!evidence.few) {
      result.interval = paired_score_interval(evidence.counts, level);
      return result;
    }
  } else {
    const PairedScoreTails tails = tails_at(evidence, 0);
    result.p = std::min(1.0, 2 * std::min(tails.below, tails.above));
  }
  result.interval = limits_of(evidence, (1 - level) / 2, 0);
  return result;
}

void check(const GateOptions& options) {
  if (!(std::isfinite(options.margin) && options.margin >= 0)) {
    fail_input("gate: margin {}; give 0 or more", options.margin);
  }
  if (!(options.alpha > 0 && options.alpha < 0.5 && options.power >= 0.5 && options.power < 1)) {
    fail_input("gate: alpha {}, power {}; give 0 < alpha < 0.5 and 0.5 <= power < 1", options.alpha, options.power);
  }
}

std::optional<int64_t> samples_to_settle(const PairedEvidence& evidence, const GateOptions& options, bool settled) {
  const PairedComparison& facts = evidence.facts;
  const double distance = facts.difference + options.margin;
  if (!std::isfinite(facts.stderr_) || distance == 0) return std::nullopt;
  const double n = static_cast<double>(facts.n);
  double samples = paired_mean_samples({std::sqrt(n) * facts.stderr_, 2 * options.alpha}, distance, options.power);
  if (evidence.shares && options.margin > 0 && options.margin < 1) {
    // Where none of n independent samples differs the score limit is -z²/(n+z²).
    const double z = normal_quantile(options.alpha);
    samples = std::max(samples, z * z * (1 - options.margin) / options.margin * n / evidence.counts.n);
  }
  samples = std::max(std::ceil(samples), settled ? 1 : n + 1);
  constexpr double kMost = 9e15;  // where doubles stop being whole numbers
  return samples < kMost ? std::optional<int64_t>(static_cast<int64_t>(samples)) : std::nullopt;
}

}  // namespace

PairedComparison compare_paired(const PairedScores& scores, double level) {
  if (!(level > 0 && level < 1)) fail_input("paired comparison: level {}; give a number between 0 and 1", level);
  return conclude(paired_evidence(scores), level);
}

NonInferiority non_inferiority(const PairedScores& scores, const GateOptions& options) {
  check(options);
  const PairedEvidence evidence = paired_evidence(scores);
  NonInferiority result;
  result.comparison = conclude(evidence, 0.95);
  if (!evidence.has_error) {
    result.limits = {kUndefined, kUndefined};
    return result;
  }
  const PairedScoreTails tails = tails_at(evidence, -options.margin);
  result.p_inferior = tails.below;
  result.p_not_worse = tails.above;
  result.limits = limits_of(evidence, options.alpha, -options.margin);
  const bool settled = std::min(tails.below, tails.above) < options.alpha;
  result.samples_to_settle = samples_to_settle(evidence, options, settled);
  return result;
}

}  // namespace assay::scorers
