// What has no value: the mean of nothing, the spread of one.
#pragma once

#include <limits>

namespace assay::scorers {

inline constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

}  // namespace assay::scorers
