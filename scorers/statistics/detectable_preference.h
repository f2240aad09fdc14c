// What a set of ratings is able to find: the smallest difference of a preference score from ½ (or of a share, or of a
// log strength), and the prompts that a smaller one needs.
#pragma once

#include <cstdint>
#include <optional>

#include "scorers/statistics/student_t.h"

namespace assay::scorers {

// As two_way_clustered_mean() gives them, from ratings at hand or simulated.
struct PreferencePlan {
  double stderr_ = 0;
  double freedom = kNormalLaw;
  double rater_stderr = 0;  // the part that more prompts do not make smaller, at most stderr_; NaN (one rater): 0
  double alpha = 0.05;      // of a two-sided test
  double power = 0.8;
};

// Error(kBadInput) in both for an error that is negative or not finite, a rater_stderr above it, freedom <= 0, and
// unless 0 < alpha < 1 and 0.5 <= power < 1.

// (t_{1−α/2} + t_{power})·stderr_, the minimum detectable effect of H. S. Bloom 1995, "Minimum detectable effects: a
// simple way to report the statistical power of experimental designs", Eval. Rev. 19, 547-556.
double detectable_preference(const PreferencePlan& plan);

// The prompts, rounded up, that detect `difference` where `prompts` give the errors of the plan: with the same raters
// and as many of them a prompt, stderr_² − rater_stderr² falls as 1/prompts and rater_stderr² stays. None where it
// alone hides the difference (then more raters are what helps) or no whole number of 64 bits is enough.
// Error(kBadInput) for prompts < 1 and a difference that is 0 or not finite.
std::optional<int64_t> prompts_to_detect(const PreferencePlan& plan, int64_t prompts, double difference);

}  // namespace assay::scorers
