// Power of a paired comparison of mean scores, by the normal law.
#pragma once

#include <cstdint>

namespace assay::scorers {

// The plan: `deviation` is the standard deviation of the differences (for clustered data √n times the clustered error
// of the mean), `alpha` the two-sided error level. A one-sided test of level α, as a gate makes, is the plan of 2α with
// delta the distance to its limit: |d + Δ| for a mean difference d and a margin Δ.
struct PairedMeanPlan {
  double deviation = 0;
  double alpha = 0.05;
};

// Error(kBadInput) in all three for a deviation that is negative or not finite, and unless 0 < alpha < 1.

// P(the test rejects | true difference delta, n samples) = Φ(δ√n/sd − z_{1−α/2}) + Φ(−δ√n/sd − z_{1−α/2}).
// Error(kBadInput) for n < 1 or a delta that is not finite; where the deviation is 0: 1, or alpha for delta 0.
double paired_mean_power(const PairedMeanPlan& plan, int64_t n, double delta);

// The difference that n samples detect with that power: (z_{1−α/2} + z_power)·sd/√n; the far tail, which adds nothing
// to a power worth planning for, is left out. Error(kBadInput) unless n >= 1 and 0.5 <= power < 1.
double paired_mean_detectable(const PairedMeanPlan& plan, int64_t n, double power);

// The samples that detect delta with that power, not rounded (round up): ((z_{1−α/2} + z_power)·sd/δ)².
// Error(kBadInput) for a delta of 0 or one that is not finite (no number of samples is enough) and a power as above.
double paired_mean_samples(const PairedMeanPlan& plan, double delta, double power);

}  // namespace assay::scorers
