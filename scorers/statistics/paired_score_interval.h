// Score test and interval of the difference of two paired proportions (T. Tango 1998, "Equivalence test and confidence
// interval for the difference in proportions for the paired-sample design", Stat. Med. 17, 891-908). Unlike the mean
// difference ± quantile·se it keeps its promise where few samples differ, and has a width where none does.
#pragma once

#include "scorers/statistics/normal_interval.h"

namespace assay::scorers {

// The counts of n pairs: a_only are right in A alone, b_only in B alone. They need not be whole: samples that come in
// clusters or have weights count as the number of independent ones that say as much (paired_comparison.h).
// Error(kBadInput) in all functions for a count that is negative or not finite, n <= 0 and a_only + b_only > n.
struct DiscordantPairs {
  double a_only = 0;
  double b_only = 0;
  double n = 0;
};

// A in B's place.
DiscordantPairs mirrored(const DiscordantPairs& pairs);

// The statistic of the hypothesis "B − A is `delta`", standard normal under it:
//   z = (c − b − nδ) / √(n·(2q + δ(1−δ)))   with b = a_only, c = b_only and q the likelihood's share of pairs that A
// alone answers rightly under the hypothesis (Tango's equation 3, mirrored: his λ is our −δ). Above 0 where the data
// lie above delta. Requires -1 < delta < 1 (kBadInput).
double paired_score_statistic(const DiscordantPairs& pairs, double delta);

// The same, rid of the skew that it has under the hypothesis where the discordant pairs are few or fall to one side:
//   z − κ·(z²−1)/6,   κ = (δ − 3δ(2q+δ) + 2δ³) / (√n·(2q+δ(1−δ))^1.5)
// (J. J. Gart, J. Nam 1990, "Approximate interval estimation of the difference in binomial parameters: correction for
// skewness and extension to multiple tables", Biometrics 46, 637-643, there for two independent samples). So that it
// falls as delta rises, κ is taken inside [-1, 1] and z² at most as 9.
double paired_score_without_skew(const DiscordantPairs& pairs, double delta);

// The q of above: the larger root of 2n·q² − ((b+c) − δ(2n+b−c))·q − bδ(1−δ) = 0.
double paired_score_nuisance(const DiscordantPairs& pairs, double delta);

// All δ with |z| <= z_{(1+level)/2}, inside [-1, 1]. One-sided limits of level 1−α are the ends of the interval of
// level 1−2α. Error(kBadInput) unless 0 < level < 1.
Interval paired_score_interval(const DiscordantPairs& pairs, double level = 0.95);

// All δ for which the statistic without skew lies inside ± quantile. Error(kBadInput) unless quantile > 0 and finite.
Interval paired_score_limits_without_skew(const DiscordantPairs& pairs, double quantile);

}  // namespace assay::scorers
