#include "scorers/statistics/paired_mean_power.h"

#include <cmath>

#include "base/error.h"
#include "scorers/statistics/normal.h"

namespace assay::scorers {
namespace {

void check(const PairedMeanPlan& plan, int64_t n, double delta, double power) {
  if (!(std::isfinite(plan.deviation) && plan.deviation >= 0 && plan.alpha > 0 && plan.alpha < 1)) {
    fail_input("power of a mean difference: standard deviation {}, alpha {}; give 0 or more, and between 0 and 1",
               plan.deviation, plan.alpha);
  }
  if (n < 1 || !std::isfinite(delta) || !(power >= 0.5 && power < 1)) {
    fail_input(
        "power of a mean difference: {} samples, difference {}, power {}; give one sample or more, a number and "
        "0.5 <= power < 1",
        n, delta, power);
  }
}

}  // namespace

double paired_mean_power(const PairedMeanPlan& plan, int64_t n, double delta) {
  check(plan, n, delta, 0.5);
  if (delta == 0) return plan.alpha;
  const double shift = std::abs(delta) * std::sqrt(static_cast<double>(n)) / plan.deviation;
  const double z = two_sided_quantile(plan.alpha);
  return normal_cdf(shift - z) + normal_cdf(-shift - z);
}

double paired_mean_detectable(const PairedMeanPlan& plan, int64_t n, double power) {
  check(plan, n, 1, power);
  return (two_sided_quantile(plan.alpha) + normal_quantile(power)) * plan.deviation / std::sqrt(static_cast<double>(n));
}

double paired_mean_samples(const PairedMeanPlan& plan, double delta, double power) {
  check(plan, 1, delta, power);
  if (delta == 0) fail_input("power of a mean difference: no number of samples detects a difference of 0");
  const double ratio = (two_sided_quantile(plan.alpha) + normal_quantile(power)) * plan.deviation / delta;
  return ratio * ratio;
}

}  // namespace assay::scorers
