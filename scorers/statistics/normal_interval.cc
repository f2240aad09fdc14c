#include "scorers/statistics/normal_interval.h"

namespace assay::scorers {

Interval normal_interval(double estimate, double stderr_, double z) {
  return {estimate - z * stderr_, estimate + z * stderr_};
}

}  // namespace assay::scorers
