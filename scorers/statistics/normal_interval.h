// Two-sided confidence interval by the normal law.
#pragma once

namespace assay::scorers {

struct Interval {
  double low = 0;
  double high = 0;
};

// Standard normal quantile of 0.975: the z of a 95 % interval.
inline constexpr double kZ95 = 1.959963984540054;

// estimate ± z·stderr_. Both ends are NaN where the standard error is.
Interval normal_interval(double estimate, double stderr_, double z = kZ95);

}  // namespace assay::scorers
