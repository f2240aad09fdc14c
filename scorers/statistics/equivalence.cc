#include "scorers/statistics/equivalence.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "scorers/statistics/student_t.h"

namespace assay::scorers {

Equivalence equivalence(double difference, double stderr_, double margin, double freedom, double alpha) {
  if (!std::isfinite(difference) || !std::isfinite(stderr_) || stderr_ < 0 || !(freedom > 0)) {
    fail_input("equivalence: difference {}, standard error {}, {} degrees of freedom; give two samples or more",
               difference, stderr_, freedom);
  }
  if (!(std::isfinite(margin) && margin >= 0 && alpha > 0 && alpha < 0.5)) {
    fail_input("equivalence: margin {}, alpha {}; give a margin of 0 or more and an alpha between 0 and 0.5", margin,
               alpha);
  }
  // P(T > distance/se).
  const auto beyond = [&](double distance) {
    return distance == 0 && stderr_ == 0 ? 1 : student_upper_tail(distance / stderr_, freedom);
  };
  Equivalence result;
  result.p_not_worse = beyond(difference + margin);
  result.p_not_better = beyond(margin - difference);
  result.p_equivalent = std::max(result.p_not_worse, result.p_not_better);
  result.p_regressed = beyond(-difference);
  result.p_inferior = beyond(-difference - margin);
  result.limits = normal_interval(difference, stderr_, student_quantile(1 - alpha, freedom));
  return result;
}

}  // namespace assay::scorers
