// The regularised incomplete beta function I_x(a, b): the beta law's distribution function, from which Student's t and
// the exact interval of a proportion follow.
#pragma once

namespace assay::scorers {

// I_x(a, b) by the continued fraction of DLMF 8.17.22 (https://dlmf.nist.gov/8.17.E22), evaluated by Lentz's method on
// the side where it converges fast. y is 1 − x, given because the difference loses digits where x is close to 1.
// Relative error about 1e-12. Error(kBadInput) unless a > 0, b > 0 (both finite) and 0 <= x <= 1.
double incomplete_beta(double a, double b, double x, double y);

// The x with I_x(a, b) = p. Error(kBadInput) as above and for a p outside [0, 1].
double beta_quantile(double a, double b, double p);

}  // namespace assay::scorers
