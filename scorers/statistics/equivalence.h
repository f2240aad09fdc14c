// Is B worse than A by more than a margin, not worse than that, or the same within it? Non-inferiority and two
// one-sided tests of equivalence (D. J. Schuirmann 1987, "A comparison of the two one-sided tests procedure and the
// power approach", J. Pharmacokinet. Biopharm. 15, 657-680).
#pragma once

#include "scorers/statistics/normal_interval.h"

namespace assay::scorers {

// One-sided p-values; d is the mean difference B − A (below 0: B is worse), Δ the margin, in the same unit.
struct Equivalence {
  double p_not_worse = 1;   // P(T > (d+Δ)/se): small where B is not worse by Δ or more
  double p_not_better = 1;  // P(T < (d−Δ)/se): small where B is not better by Δ or more
  double p_equivalent = 1;  // the larger of the two (TOST): small where |B − A| < Δ
  double p_regressed = 1;   // P(T < d/se): small where B is worse at all
  double p_inferior = 1;    // P(T < (d+Δ)/se): small where B is worse by more than Δ
  Interval limits;  // d ± quantile(1−α)·se: two one-sided limits of level 1−α, an interval of level 1−2α
};

// p_inferior < α just where limits.high < −Δ, and p_not_worse < α just where limits.low > −Δ. `freedom` as in
// mean_test(). Where the standard error is 0 (equal differences throughout, as of a run with itself) a p is 0 or 1 by
// where d lies, and 1 where it lies on the margin itself. Error(kBadInput) for a difference or standard error that is
// not finite (one sample), a negative standard error, a margin that is negative or not finite, and unless freedom > 0
// and 0 < α < 0.5.
Equivalence equivalence(double difference, double stderr_, double margin, double freedom, double alpha = 0.05);

}  // namespace assay::scorers
