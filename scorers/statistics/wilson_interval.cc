#include "scorers/statistics/wilson_interval.h"

#include <cmath>

namespace assay::scorers {

Interval wilson_interval(double successes, double n, double z) {
  const double p = successes / n;
  const double scale = 1 + z * z / n;
  const double centre = (p + z * z / (2 * n)) / scale;
  const double half = z / scale * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  // At the ends the limit is 0 or 1 exactly; the formula misses it by rounding.
  return {successes == 0 ? 0 : centre - half, successes == n ? 1 : centre + half};
}

}  // namespace assay::scorers
