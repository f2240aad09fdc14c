// Two-sided test and interval of an estimate with a standard error: Student's t, or the normal law.
#pragma once

#include "scorers/statistics/normal_interval.h"

namespace assay::scorers {

struct MeanTest {
  double statistic = 0;  // estimate / standard error
  double p = 1;          // P(|T| >= |statistic|)
};

// Tests the hypothesis that the true value is 0. `freedom`: n−1 for the mean of n samples, G−1 for a clustered error of
// G clusters, kNormalLaw for the normal law (scorers/statistics/student_t.h). Where the standard error is 0 (all values
// equal): estimate 0 gives statistic 0 and p 1, any other gives ±infinity and p 0. Error(kBadInput) for a standard
// error that is negative or not finite (one sample, one cluster), an estimate that is not finite and freedom <= 0.
MeanTest mean_test(double estimate, double stderr_, double freedom);

// estimate ± quantile((1+level)/2) · stderr_. Errors as above, and for a level outside (0, 1).
Interval mean_interval(double estimate, double stderr_, double freedom, double level = 0.95);

}  // namespace assay::scorers
