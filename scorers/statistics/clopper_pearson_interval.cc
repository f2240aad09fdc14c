#include "scorers/statistics/clopper_pearson_interval.h"

#include "base/error.h"
#include "scorers/statistics/incomplete_beta.h"

namespace assay::scorers {

Interval clopper_pearson_interval(int64_t successes, int64_t n, double level) {
  if (n < 1 || successes < 0 || successes > n || !(level > 0 && level < 1)) {
    fail_input("Clopper-Pearson interval: {} of {} at level {}; give n >= 1, 0 <= k <= n and 0 < level < 1", successes,
               n, level);
  }
  const double tail = (1 - level) / 2;
  const double k = static_cast<double>(successes);
  const double rest = static_cast<double>(n - successes);
  // The upper limit is the lower one of the failures, mirrored.
  const double low = successes == 0 ? 0 : beta_quantile(k, rest + 1, tail);
  const double high = successes == n ? 1 : 1 - beta_quantile(rest, k + 1, tail);
  return {low, high};
}

}  // namespace assay::scorers
