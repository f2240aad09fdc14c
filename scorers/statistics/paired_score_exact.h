// The score test of two paired proportions (paired_score_interval.h) without the normal law: its one-sided errors stay
// at or under α also where few samples differ or all differ to one side, where the normal law's reach 8 %.
#pragma once

#include "scorers/statistics/paired_score_interval.h"

namespace assay::scorers {

// P(z <= z seen) and P(z >= z seen), summed over the trinomial law of the counts under the hypothesis "B − A is
// `delta`", with the nuisance share at its likeliest value there: the "E p-value" of C. J. Lloyd 2008 ("Exact p-values
// for discrete models obtained by estimation and maximization", Aust. N. Z. J. Stat. 50, 329-345), for the ordering
// by Tango's z.
struct PairedScoreTails {
  double below = 1;
  double above = 1;
};

// Requires whole counts and what paired_score_statistic() does (kBadInput). Time: about n·√n steps at most; a few
// milliseconds for 20,000 samples.
PairedScoreTails paired_score_tails(const DiscordantPairs& pairs, double delta);

// Two one-sided limits of level 1−alpha: where `above`, and where `below`, comes down to alpha, to about 1e-9. A tail
// may have small steps in delta; `delta` is looked at first, so that delta < low just where above(delta) < alpha, and
// delta > high just where below(delta) < alpha. Error(kBadInput) unless 0 < alpha < 0.5 and -1 < delta < 1.
Interval paired_score_exact_limits(const DiscordantPairs& pairs, double alpha, double delta = 0);

}  // namespace assay::scorers
