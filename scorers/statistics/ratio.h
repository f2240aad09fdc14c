// A ratio of sums, R = Σy / Σx over n samples, with the standard error of the ratio estimator.
#pragma once

#include <span>

namespace assay::scorers {

struct RatioEstimate {
  double ratio = 0;    // NaN where Σx is 0
  double stderr_ = 0;  // NaN below two samples
};

// Standard error by linearisation (Cochran 1977, "Sampling techniques", equation 6.13, without the finite-population
// correction): sqrt( n/(n−1) · Σ (yᵢ − R·xᵢ)² ) / |Σx|. Requires as many y as x.
RatioEstimate ratio_of_sums(std::span<const double> y, std::span<const double> x);

}  // namespace assay::scorers
