// Exact interval of a proportion (C. J. Clopper, E. S. Pearson 1934, "The use of confidence or fiducial limits
// illustrated in the case of the binomial", Biometrika 26, 404-413).
#pragma once

#include <cstdint>

#include "scorers/statistics/normal_interval.h"

namespace assay::scorers {

// Covers at least `level` for every proportion, and is wider than Wilson's for it. With α = 1 − level the limits are
// the beta quantiles B(α/2; k, n−k+1) and B(1−α/2; k+1, n−k), 0 where k = 0 and 1 where k = n. Error(kBadInput) unless
// n >= 1, 0 <= k <= n and 0 < level < 1.
Interval clopper_pearson_interval(int64_t successes, int64_t n, double level = 0.95);

}  // namespace assay::scorers
