// Power of a paired comparison of 0/1 scores: how many samples show a difference.
#pragma once

#include <cstdint>
#include <optional>

namespace assay::scorers {

// The plan: `discordance` ψ is the share of samples that one of the two alone answers rightly, `alpha` the two-sided
// error level. Error(kBadInput) in all functions unless 0 < ψ <= 1 and 0 < alpha < 1, for |delta| > ψ (a difference
// cannot be larger than the share of samples that differ), n < 1 and a power outside [0.5, 1).
struct McNemarPlan {
  double discordance = 0;
  double alpha = 0.05;
};

// By the normal law: Φ((|δ|√n − z_{1−α/2}√ψ) / √(ψ−δ²)) (R. J. Connor 1987, "Sample size for testing differences in
// proportions for the paired-sample design", Biometrics 43, 207-211). δ is the difference in the share of right
// answers.
double mcnemar_power(const McNemarPlan& plan, int64_t n, double delta);

// Its inverse, not rounded (round up): ((z_{1−α/2}√ψ + z_power·√(ψ−δ²)) / δ)². Error(kBadInput) for a delta of 0 too.
double mcnemar_samples(const McNemarPlan& plan, double delta, double power);

// The smallest difference that n samples detect with that power; none where even δ = ψ has less.
std::optional<double> mcnemar_detectable(const McNemarPlan& plan, int64_t n, double power);

enum class McNemarKind { kExact, kMidP };

// Without the normal law: Σ over M ~ Bin(n, ψ) of P(the test rejects, p <= α | M discordant samples), where each falls
// to the better side with probability (ψ+δ)/2ψ. Time: about n·√n steps.
double mcnemar_power_exact(const McNemarPlan& plan, int64_t n, double delta, McNemarKind kind);

}  // namespace assay::scorers
