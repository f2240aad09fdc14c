#include "scorers/statistics/two_way_share_p.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "scorers/statistics/student_t.h"

namespace assay::scorers {

double two_way_share_stderr(const TwoWayShare& estimate, double share) {
  if (!(share > 0 && share < 1)) fail_input("share of ratings: hypothesis {}; give a number between 0 and 1", share);
  return std::sqrt(share * (1 - share) / estimate.effective);
}

double two_way_share_p(const TwoWayShare& estimate, double share) {
  const double error = two_way_share_stderr(estimate, share);
  if (std::isnan(error)) return error;
  const double difference = std::fabs(estimate.mean.mean - share);
  if (error == 0) return difference == 0 ? 1 : 0;
  return std::min(1.0, 2 * student_upper_tail(difference / error, estimate.mean.freedom));
}

}  // namespace assay::scorers
