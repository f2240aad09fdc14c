// A gate that may be asked as often as one likes while samples arrive, and still errs with probability at most α: tests
// by betting (I. Waudby-Smith, A. Ramdas 2024, "Estimating means of bounded random variables by betting", JRSS B 86,
// 1-27; J. Ville 1939).
#pragma once

#include "scorers/statistics/paired_comparison.h"

namespace assay::scorers {

// p-values that hold at every moment, whenever one chooses to look or stop: 1 over the wealth of a bettor who loses on
// average under the hypothesis.
struct SequentialGate {
  double p_inferior = 1;   // of "B is worse by at most the margin": small where B is worse by more
  double p_not_worse = 1;  // of "B is worse by the margin or more": small where B is not
  Interval limits;         // the margins that neither test rejects at α: a one-sided limit each, valid at every moment
};

// Bets on x = Σ over a cluster of w·(b − a + margin), scaled by what a cluster can reach at most; independent samples
// are clusters of one. Wealth is the average over a fixed grid of stakes of Π(1 + stake·x), which does not depend on
// the samples' order, and at most 1 in the mean under the hypothesis, so that P(it ever reaches 1/α) <= α (Ville).
// Valid for scores in [0, 1] alone: Error(kBadInput) for another, and as compare_paired(). `scores` holds the pairs so
// far. Independence of the clusters, and that which samples come first has nothing to do with their differences, is the
// caller's to promise.
SequentialGate sequential_gate(const PairedScores& scores, const GateOptions& options);

}  // namespace assay::scorers
