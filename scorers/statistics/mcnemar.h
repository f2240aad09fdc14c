// McNemar's test of two runs over the same samples, scored 0 or 1 (Q. McNemar 1947, "Note on the sampling error of the
// difference between correlated proportions or percentages", Psychometrika 12, 153-157). It takes the samples as
// independent: where they come in clusters, use the clustered standard error of the difference instead.
#pragma once

#include <cstdint>

namespace assay::scorers {

// p-values of the two-sided hypothesis "a discordant sample falls to either side with probability ½". Only the n = b+c
// discordant samples count; with none of them every p is 1.
struct McNemar {
  double exact_p = 1;  // min(1, 2·P(X <= min(b, c))), X ~ Bin(n, ½)
  double mid_p = 1;    // exact_p − P(X = min(b, c)); 1 − ½·P(X = b) where b = c (Fagerland, Lydersen, Laake 2013,
                       // "The McNemar test for binary matched-pairs data", BMC Med. Res. Methodol. 13:91)
  double chi2 = 0;     // (b−c)²/n, one degree of freedom; NaN, as the next three, where n = 0
  double chi2_p = 0;
  double chi2_cc = 0;  // max(0, |b−c| − 1)²/n: with Edwards' continuity correction
  double chi2_cc_p = 0;
};

// a_only: samples that A alone answers rightly (b in the formulas), b_only: B alone (c). Error(kBadInput) for a
// negative count.
McNemar mcnemar(int64_t a_only, int64_t b_only);

// The first two alone.
double mcnemar_exact_p(int64_t a_only, int64_t b_only);
double mcnemar_mid_p(int64_t a_only, int64_t b_only);

}  // namespace assay::scorers
