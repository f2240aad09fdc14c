#include "scorers/statistics/detectable_preference.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"

namespace assay::scorers {
namespace {

double rater_part(const PreferencePlan& plan) {
  return std::isnan(plan.rater_stderr) ? 0 : plan.rater_stderr;
}

double multiple(const PreferencePlan& plan) {
  const double raters = rater_part(plan);
  if (!(std::isfinite(plan.stderr_) && plan.stderr_ >= 0 && raters >= 0 && raters <= plan.stderr_)) {
    fail_input("detectable preference: standard error {}, of raters {}; give numbers with 0 <= raters' <= whole",
               plan.stderr_, raters);
  }
  if (!(plan.freedom > 0 && plan.alpha > 0 && plan.alpha < 1 && plan.power >= 0.5 && plan.power < 1)) {
    fail_input(
        "detectable preference: {} degrees of freedom, alpha {}, power {}; give more than 0, 0 < alpha < 1 and "
        "0.5 <= power < 1",
        plan.freedom, plan.alpha, plan.power);
  }
  return student_quantile(1 - plan.alpha / 2, plan.freedom) + student_quantile(plan.power, plan.freedom);
}

}  // namespace

double detectable_preference(const PreferencePlan& plan) {
  return multiple(plan) * plan.stderr_;
}

std::optional<int64_t> prompts_to_detect(const PreferencePlan& plan, int64_t prompts, double difference) {
  const double needed = difference / multiple(plan);
  if (prompts < 1 || difference == 0 || !std::isfinite(difference)) {
    fail_input("detectable preference: {} prompts, difference {}; give one or more, and a number that is not 0",
               prompts, difference);
  }
  const double stays = rater_part(plan) * rater_part(plan);
  const double falls = (plan.stderr_ * plan.stderr_ - stays) * static_cast<double>(prompts);
  const double room = needed * needed - stays;
  constexpr double kMost = 9e15;  // where doubles stop being whole numbers
  if (!(room > 0) || falls / room > kMost) return std::nullopt;
  return std::max<int64_t>(1, static_cast<int64_t>(std::ceil(falls / room)));
}

}  // namespace assay::scorers
