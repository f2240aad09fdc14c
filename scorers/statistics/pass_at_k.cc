#include "scorers/statistics/pass_at_k.h"

#include <algorithm>

#include "base/error.h"

namespace assay::scorers {

double pass_at_k(int64_t n, int64_t c, int64_t k) {
  if (n < 1 || c < 0 || c > n || k < 1 || k > n) {
    fail_input("pass@k: n = {}, c = {}, k = {}; give n >= 1, 0 <= c <= n and 1 <= k <= n", n, c, k);
  }
  if (n - c < k) return 1;
  // Draw without replacement and add up the chances that the first hit is at draw 1, 2, ...: every term is positive, so
  // nothing cancels. The hypergeometric law is symmetric in c and k, so the smaller one counts the draws.
  const int64_t draws = std::min(c, k);
  const int64_t marked = std::max(c, k);
  double hit = 0;
  double miss = 1;
  for (int64_t i = 0; i < draws; ++i) {
    const double left = static_cast<double>(n - i);
    hit += miss * static_cast<double>(marked) / left;
    miss *= static_cast<double>(n - marked - i) / left;
  }
  return std::min(hit, 1.0);
}

}  // namespace assay::scorers
