// The binomial law: density and tail, with full precision also for many trials.
#pragma once

#include <cstdint>

namespace assay::scorers {

// Γ(n+1) / (Γ(k+1) Γ(n−k+1)) · p^k · q^(n−k), also for k and n that are no whole numbers. Loader's saddle-point form
// (C. Loader 2000, "Fast and accurate computation of binomial probabilities"): what logarithms of factorials cancel is
// never computed. Requires 0 <= k <= n and p + q = 1; q is given because 1 − p loses digits where p is close to 1.
double binomial_density(double k, double n, double p, double q);

// P(X <= k) for X ~ Bin(n, p), summed from its largest term outwards: all terms are positive. 0 for k < 0 and 1 for
// k >= n. Error(kBadInput) unless n >= 0 and 0 <= p <= 1. Time: about √n steps.
double binomial_lower_tail(int64_t k, int64_t n, double p);

}  // namespace assay::scorers
