// Bootstrap intervals of a mean, or of a ratio of sums over whole clusters.
#pragma once

#include <cstdint>
#include <span>

#include "scorers/statistics/normal_interval.h"

namespace assay::scorers {

struct BootstrapOptions {
  int resamples = 10'000;
  double level = 0.95;
  uint64_t seed = 1;
};

struct Bootstrap {
  double estimate = 0;
  double stderr_ = 0;   // standard deviation over the resamples
  Interval percentile;  // quantiles of the resamples (Efron 1979, "Bootstrap methods: another look at the jackknife")
  Interval bca;         // the same at levels corrected for bias and skew: Efron 1987, "Better bootstrap confidence
                        // intervals", JASA 82, 171-185, equation 2.3
  double z0 = 0;        // Φ⁻¹(share of resamples below the estimate + ½ share equal to it)
  double acceleration = 0;  // Σ(θ̄−θᵢ)³ / (6·(Σ(θ̄−θᵢ)²)^1.5), θᵢ without item (cluster) i; 0 where nothing varies
};

// Items are drawn with replacement: single values where `cluster` is empty, else whole clusters (as in cluster_sums()),
// and then the estimate is the ratio of sums Σ S_g / Σ n_g. Quantiles interpolate linearly between order statistics
// (type 7 of Hyndman, Fan 1996). The draws are a function of the seed alone (std::mt19937, the same on every machine).
// All values equal: both intervals have width 0. Time: resamples × items.
// Error(kBadInput) for a value that is not finite, fewer than two values (clusters), fewer than 100 resamples and a
// level outside (0, 1).
Bootstrap bootstrap(std::span<const double> values, std::span<const int> cluster = {},
                    const BootstrapOptions& options = {});

}  // namespace assay::scorers
