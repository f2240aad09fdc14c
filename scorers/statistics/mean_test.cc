#include "scorers/statistics/mean_test.h"

#include <cmath>

#include "base/error.h"
#include "scorers/statistics/student_t.h"

namespace assay::scorers {
namespace {

void check(double estimate, double stderr_, double freedom) {
  if (!std::isfinite(estimate) || !std::isfinite(stderr_) || stderr_ < 0 || !(freedom > 0)) {
    fail_input(
        "test of a mean: {} with standard error {} and {} degrees of freedom; give two samples (or clusters) or more",
        estimate, stderr_, freedom);
  }
}

}  // namespace

MeanTest mean_test(double estimate, double stderr_, double freedom) {
  check(estimate, stderr_, freedom);
  const double statistic = estimate == 0 ? 0 : estimate / stderr_;
  return {statistic, 2 * student_upper_tail(std::abs(statistic), freedom)};
}

Interval mean_interval(double estimate, double stderr_, double freedom, double level) {
  check(estimate, stderr_, freedom);
  if (!(level > 0 && level < 1)) fail_input("interval of a mean: level {}; give a number between 0 and 1", level);
  return normal_interval(estimate, stderr_, student_quantile((1 + level) / 2, freedom));
}

}  // namespace assay::scorers
