#include "scorers/statistics/student_t.h"

#include <cmath>

#include "base/error.h"
#include "scorers/statistics/bisection.h"
#include "scorers/statistics/incomplete_beta.h"
#include "scorers/statistics/normal.h"

namespace assay::scorers {

double student_upper_tail(double t, double freedom) {
  if (std::isnan(t) || !(freedom > 0)) {
    fail_input("Student's t: t = {}, degrees of freedom = {}; give a number and more than 0 degrees", t, freedom);
  }
  if (std::isinf(freedom) || std::isinf(t)) return normal_cdf(-t);
  if (t < 0) return 1 - student_upper_tail(-t, freedom);
  const double total = freedom + t * t;
  if (std::isinf(total)) return 0;
  return incomplete_beta(freedom / 2, 0.5, freedom / total, t * t / total) / 2;
}

double student_quantile(double p, double freedom) {
  if (!(p > 0 && p < 1 && freedom > 0)) {
    fail_input("Student's t quantile: p = {}, degrees of freedom = {}; give 0 < p < 1 and more than 0 degrees", p,
               freedom);
  }
  if (std::isinf(freedom)) return normal_quantile(p);
  if (p == 0.5) return 0;
  const double tail = p < 0.5 ? p : 1 - p;
  const auto is_below = [&](double t) { return student_upper_tail(t, freedom) > tail; };
  double high = 2;
  while (is_below(high)) high *= 2;
  const double t = bisect(0, high, is_below);
  return p < 0.5 ? -t : t;
}

}  // namespace assay::scorers
