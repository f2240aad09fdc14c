// The standard normal law: distribution function and quantile.
#pragma once

namespace assay::scorers {

// P(Z <= z) = erfc(−z/√2) / 2. The upper tail is normal_cdf(−z); neither loses digits far out. NaN for NaN.
double normal_cdf(double z);

// The z with P(Z <= z) = p, to about 1e-14 for p down to 1e-300: the rational approximation 26.2.23 of Abramowitz and
// Stegun 1964 ("Handbook of mathematical functions"), made exact by Halley's method on the distribution function.
// −infinity at 0 and +infinity at 1. Error(kBadInput) for a p outside [0, 1] or NaN.
double normal_quantile(double p);

// The z with P(|Z| > z) = alpha.
double two_sided_quantile(double alpha);

}  // namespace assay::scorers
