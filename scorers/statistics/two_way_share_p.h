// The p-value that belongs to the interval of two_way_clustered_share.h.
#pragma once

#include "scorers/statistics/two_way_clustered_share.h"

namespace assay::scorers {

// Two-sided, of the hypothesis that the true share is `share`: Student's t of (mean − share) / √(share(1−share)/n_e)
// with the effective number n_e of ratings. The interval of level 1−p ends at `share`, so that test and interval never
// disagree. NaN where the interval is. Error(kBadInput) unless 0 < share < 1.
double two_way_share_p(const TwoWayShare& estimate, double share = 0.5);

// The standard error in that denominator; 0 where n_e is infinite.
double two_way_share_stderr(const TwoWayShare& estimate, double share = 0.5);

}  // namespace assay::scorers
