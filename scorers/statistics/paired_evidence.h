// What two runs' scores say about their difference, brought to the few numbers that every test of it needs: the common
// part of compare_paired(), non_inferiority() and no one else.
#pragma once

#include <cstdint>

#include "scorers/statistics/paired_comparison.h"
#include "scorers/statistics/paired_score_exact.h"
#include "scorers/statistics/paired_score_interval.h"

namespace assay::scorers {

struct PairedEvidence {
  PairedComparison facts;  // all but p and interval
  bool has_error = false;  // two samples (clusters) or more, or kScore
  bool shares = false;     // all scores lie in [0, 1]
  bool few = false;        // shares, and fewer than kFewDiscordant samples (clusters) hold a difference
  double skew = 0;         // of the mean difference (clustered_mean.h)
  DiscordantPairs counts;  // of as many independent samples as say the same; unset unless `shares`
};

// Errors as compare_paired().
PairedEvidence paired_evidence(const PairedScores& scores);

// One-sided p of "the difference is `delta`": `below` is small where the data lie below it, `above` where above.
// Requires has_error.
PairedScoreTails tails_at(const PairedEvidence& evidence, double delta);

// Two one-sided limits of level 1−alpha: those of tails_at(), which are exact at `delta` (paired_score_exact.h).
// Requires has_error.
Interval limits_of(const PairedEvidence& evidence, double alpha, double delta);

}  // namespace assay::scorers
