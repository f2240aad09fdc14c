// A gate that may be asked as often as one likes while samples arrive, and still errs with probability at most α: tests
// by betting (I. Waudby-Smith, A. Ramdas 2024, "Estimating means of bounded random variables by betting", JRSS B 86,
// 1-27; J. Ville 1939, "Étude critique de la notion de collectif").
#pragma once

#include "scorers/statistics/paired_comparison.h"

namespace assay::scorers {

// p-values that hold at every moment, whenever one chooses to look or stop: 1 over the wealth of a bettor who gains
// nothing on average under the hypothesis.
struct SequentialGate {
  double p_inferior = 1;   // of "B is worse by at most the margin": small where B is worse by more
  double p_not_worse = 1;  // of "B is worse by the margin or more": small where B is not
  // The differences that neither test rejects at α: p_inferior < α just where high < −margin, p_not_worse < α just
  // where low > −margin. Each is a one-sided limit that holds at all moments together.
  Interval limits;
};

// Of cluster g with the weight W_g and S_g = Σ w·(b−a), x = (S_g − W_g·δ)/M, where M is the weight of the largest
// cluster, is at least −(1+δ) and at most 1−δ. "The difference is at most δ" is tested by the wealth
//   1/16·Σ over stakes λ = 2^(−k/2), k = 0..15, of Π over g of (1 + λ·x/(1+δ)),
// and "at least δ" by its mirror image. The order of the samples changes nothing, and the wealth falls as δ rises.
// What the caller promises: the clusters are independent, the order in which samples are taken has nothing to do with
// their differences, each cluster given is whole (one that has only begun is left out), and `largest_cluster`, the
// largest weight that a cluster of the whole set has, does not depend on how many have been seen. 0 stands for the
// largest of those given; for independent samples of one weight that is the same.
// Error(kBadInput) as compare_paired(), for a score outside [0, 1], a margin or alpha outside [0, 1) and (0, 0.5), and
// a largest_cluster below the weight of one that is given.
SequentialGate sequential_gate(const PairedScores& scores, const GateOptions& options, double largest_cluster = 0);

// The same without the limits, which take most of the time; they are NaN.
SequentialGate sequential_p_values(const PairedScores& scores, const GateOptions& options, double largest_cluster = 0);

// About how many samples in all a verdict would take if the wealth went on growing as it did over the `n` so far:
// n·ln(1/α)/−ln p of the better test. None where neither has grown.
std::optional<int64_t> sequential_samples(const SequentialGate& gate, int64_t n, double alpha);

}  // namespace assay::scorers
