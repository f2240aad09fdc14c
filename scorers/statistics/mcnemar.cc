#include "scorers/statistics/mcnemar.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"
#include "scorers/statistics/binomial.h"

namespace assay::scorers {
namespace {

void check(int64_t a_only, int64_t b_only) {
  if (a_only < 0 || b_only < 0) {
    fail_input("McNemar: {} and {} discordant samples; counts are not negative", a_only, b_only);
  }
}

// P(X > x) of one degree of freedom.
double chi2_tail(double x) {
  return std::erfc(std::sqrt(x / 2));
}

}  // namespace

double mcnemar_exact_p(int64_t a_only, int64_t b_only) {
  check(a_only, b_only);
  return std::min(1.0, 2 * binomial_lower_tail(std::min(a_only, b_only), a_only + b_only, 0.5));
}

double mcnemar_mid_p(int64_t a_only, int64_t b_only) {
  check(a_only, b_only);
  if (a_only + b_only == 0) return 1;
  const double smaller = static_cast<double>(std::min(a_only, b_only));
  const double at_observed = binomial_density(smaller, static_cast<double>(a_only + b_only), 0.5, 0.5);
  return a_only == b_only ? 1 - at_observed / 2 : mcnemar_exact_p(a_only, b_only) - at_observed;
}

McNemar mcnemar(int64_t a_only, int64_t b_only) {
  McNemar result;
  result.exact_p = mcnemar_exact_p(a_only, b_only);
  result.mid_p = mcnemar_mid_p(a_only, b_only);
  const double n = static_cast<double>(a_only + b_only);
  if (n == 0) {
    result.chi2 = result.chi2_p = result.chi2_cc = result.chi2_cc_p = std::numeric_limits<double>::quiet_NaN();
    return result;
  }
  const double difference = std::abs(static_cast<double>(a_only - b_only));
  const double corrected = std::max(0.0, difference - 1);
  result.chi2 = difference * difference / n;
  result.chi2_p = chi2_tail(result.chi2);
  result.chi2_cc = corrected * corrected / n;
  result.chi2_cc_p = chi2_tail(result.chi2_cc);
  return result;
}

}  // namespace assay::scorers
