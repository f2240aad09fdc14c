// Student's t of a mean of skewed values: a few large losses among many small gains, as log-probabilities have. Without
// correction one of its one-sided tests errs more often than promised, the other less.
#pragma once

namespace assay::scorers {

// P. Hall 1992, "On the removal of skewness by transformation", JRSS B 54, 221-228: with the skew κ = γ/√n of the mean,
//   g(t) = t + κt²/3 + κ²t³/27 + κ/6 = ((1 + κt/3)³ − 1)/κ + κ/6
// follows the symmetric law to order 1/n. g rises with t, so that it can be inverted. t may be infinite.
double without_skew(double t, double skew);

// Its inverse.
double with_skew(double quantile, double skew);

}  // namespace assay::scorers
