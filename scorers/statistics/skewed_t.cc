#include "scorers/statistics/skewed_t.h"

#include <cmath>

namespace assay::scorers {

double without_skew(double t, double skew) {
  if (std::isinf(t)) return t;
  return t + skew * t * t / 3 + skew * skew * t * t * t / 27 + skew / 6;
}

double with_skew(double quantile, double skew) {
  const double y = quantile - skew / 6;
  // (cbrt(1 + κy) − 1)·3/κ loses its digits where κ is small; the series does not.
  if (std::abs(skew * y) < 1e-4) return y - skew * y * y / 3 + 5 * skew * skew * y * y * y / 27;
  return 3 * (std::cbrt(1 + skew * y) - 1) / skew;
}

}  // namespace assay::scorers
