#include "scorers/statistics/mcnemar_power.h"

#include <cmath>

#include "base/error.h"
#include "scorers/statistics/binomial.h"
#include "scorers/statistics/bisection.h"
#include "scorers/statistics/mcnemar.h"
#include "scorers/statistics/normal.h"

namespace assay::scorers {
namespace {

void check(const McNemarPlan& plan, int64_t n, double delta, double power) {
  if (!(plan.discordance > 0 && plan.discordance <= 1 && plan.alpha > 0 && plan.alpha < 1)) {
    fail_input("power of McNemar's test: discordance {}, alpha {}; give 0 < discordance <= 1 and 0 < alpha < 1",
               plan.discordance, plan.alpha);
  }
  if (n < 1 || !(std::abs(delta) <= plan.discordance) || !(power >= 0.5 && power < 1)) {
    fail_input(
        "power of McNemar's test: {} samples, difference {} with discordance {}, power {}; give one sample or "
        "more, a difference within the discordance and 0.5 <= power < 1",
        n, delta, plan.discordance, power);
  }
}

}  // namespace

double mcnemar_power(const McNemarPlan& plan, int64_t n, double delta) {
  check(plan, n, delta, 0.5);
  const double distance = std::abs(delta) * std::sqrt(static_cast<double>(n)) -
                          two_sided_quantile(plan.alpha) * std::sqrt(plan.discordance);
  return normal_cdf(distance / std::sqrt(plan.discordance - delta * delta));
}

double mcnemar_samples(const McNemarPlan& plan, double delta, double power) {
  check(plan, 1, delta, power);
  if (delta == 0) fail_input("power of McNemar's test: no number of samples detects a difference of 0");
  const double root = (two_sided_quantile(plan.alpha) * std::sqrt(plan.discordance) +
                       normal_quantile(power) * std::sqrt(plan.discordance - delta * delta)) /
                      delta;
  return root * root;
}

std::optional<double> mcnemar_detectable(const McNemarPlan& plan, int64_t n, double power) {
  check(plan, n, 0, power);
  if (!(mcnemar_power(plan, n, plan.discordance) >= power)) return std::nullopt;
  return bisect(0, plan.discordance, [&](double delta) { return mcnemar_power(plan, n, delta) < power; });
}

double mcnemar_power_exact(const McNemarPlan& plan, int64_t n, double delta, McNemarKind kind) {
  check(plan, n, delta, 0.5);
  const auto rejects = [&](int64_t smaller, int64_t discordant) {
    const double p = kind == McNemarKind::kExact ? mcnemar_exact_p(smaller, discordant - smaller)
                                                 : mcnemar_mid_p(smaller, discordant - smaller);
    return p <= plan.alpha * (1 + 1e-12);  // p is a sum: where it is α itself it may come out above by rounding
  };
  const double to_b = (plan.discordance + std::abs(delta)) / (2 * plan.discordance);
  double power = 0;
  int64_t critical = -1;  // the largest smaller count that is rejected: it never falls as M rises
  for (int64_t m = 0; m <= n; ++m) {
    const double weight =
        binomial_density(static_cast<double>(m), static_cast<double>(n), plan.discordance, 1 - plan.discordance);
    if (weight < 1e-15) continue;
    while (2 * (critical + 1) <= m && rejects(critical + 1, m)) ++critical;
    // Both ends of 0..m, which overlap where even an equal split is rejected.
    if (2 * critical >= m) {
      power += weight;
    } else if (critical >= 0) {
      power += weight * (binomial_lower_tail(critical, m, to_b) + binomial_lower_tail(critical, m, 1 - to_b));
    }
  }
  return power;
}

}  // namespace assay::scorers
