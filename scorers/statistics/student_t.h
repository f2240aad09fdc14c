// Student's t law ("Student" 1908, "The probable error of a mean"); with infinite degrees of freedom the normal law.
#pragma once

#include <limits>

namespace assay::scorers {

// The `freedom` that means the normal law.
inline constexpr double kNormalLaw = std::numeric_limits<double>::infinity();

// P(T > t), T with `freedom` degrees of freedom: I_x(ν/2, 1/2) / 2 with x = ν/(ν+t²) for t >= 0 (Abramowitz and Stegun
// 1964, 26.7.1), mirrored below 0. 0 or 1 where t² overflows. Error(kBadInput) for a NaN or freedom <= 0.
double student_upper_tail(double t, double freedom);

// The t with P(T <= t) = p. Error(kBadInput) unless 0 < p < 1 and freedom > 0.
double student_quantile(double p, double freedom);

}  // namespace assay::scorers
