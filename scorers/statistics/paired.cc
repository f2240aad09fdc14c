#include "scorers/statistics/paired.h"

#include <cmath>
#include <limits>

#include "base/error.h"

namespace assay::scorers {

std::vector<double> differences(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size() || a.empty()) {
    fail_input("paired comparison: {} scores of A and {} of B; give the same samples for both, at least one", a.size(),
               b.size());
  }
  std::vector<double> result(a.size());
  for (size_t i = 0; i < a.size(); ++i) {
    if (!std::isfinite(a[i]) || !std::isfinite(b[i])) {
      fail_input("paired comparison: sample {} has the scores {} (A) and {} (B); leave out samples without a number", i,
                 a[i], b[i]);
    }
    result[i] = a[i] - b[i];
  }
  return result;
}

Paired paired(std::span<const double> a, std::span<const double> b) {
  Paired result;
  result.difference = mean_of(differences(a, b));
  result.a = mean_of(a);
  result.b = mean_of(b);
  result.stderr_unpaired = std::hypot(result.a.stderr_, result.b.stderr_);
  double together = 0;
  double squares_a = 0;
  double squares_b = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double from_a = a[i] - result.a.mean;
    const double from_b = b[i] - result.b.mean;
    together += from_a * from_b;
    squares_a += from_a * from_a;
    squares_b += from_b * from_b;
  }
  const bool both_vary = squares_a > 0 && squares_b > 0;
  result.correlation =
      both_vary ? together / std::sqrt(squares_a) / std::sqrt(squares_b) : std::numeric_limits<double>::quiet_NaN();
  return result;
}

}  // namespace assay::scorers
