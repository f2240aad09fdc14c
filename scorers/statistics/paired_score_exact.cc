#include "scorers/statistics/paired_score_exact.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "scorers/statistics/binomial.h"

namespace assay::scorers {
namespace {

// Two outcomes with the same statistic may differ by rounding.
constexpr double kTie = 1e-9;
// Numbers of discordant samples that are less likely than this add nothing to a tail that anybody looks at.
constexpr double kNegligible = 1e-14;

// P(z >= z seen) where the outcomes have the shares q (A alone) and q + δ (B alone).
double upper_tail(const DiscordantPairs& seen, double delta) {
  const double z = paired_score_statistic(seen, delta) - kTie;
  const double q = std::max(0.0, paired_score_nuisance(seen, delta));
  const double to_b = std::max(0.0, q + delta);
  const double discordance = std::min(1.0, q + to_b);
  const int64_t n = static_cast<int64_t>(seen.n);
  if (discordance == 0) return z <= 0 ? 1 : 0;

  const double center = seen.n * discordance;
  const double reach = 9 * std::sqrt(center) + 40;  // beyond it Bernstein's bound is under kNegligible
  const int64_t first = static_cast<int64_t>(std::max(0.0, center - reach));
  const int64_t last = static_cast<int64_t>(std::min(seen.n, center + reach));
  double tail = 0;
  int64_t b_only = 0;  // the fewest of m discordant samples that put z at or above the seen one; it moves little with m
  for (int64_t m = first; m <= last; ++m) {
    const auto reaches = [&](int64_t c) {
      const DiscordantPairs outcome{static_cast<double>(m - c), static_cast<double>(c), seen.n};
      return paired_score_statistic(outcome, delta) >= z;
    };
    const double weight =
        binomial_density(static_cast<double>(m), static_cast<double>(n), discordance, 1 - discordance);
    if (weight < kNegligible) continue;
    b_only = std::min(b_only, m);
    while (b_only > 0 && reaches(b_only - 1)) --b_only;
    while (b_only <= m && !reaches(b_only)) ++b_only;
    if (b_only <= m) tail += weight * binomial_lower_tail(m - b_only, m, std::min(1.0, q / (q + to_b)));
  }
  return std::min(1.0, tail);
}

void check(const DiscordantPairs& p) {
  if (std::floor(p.a_only) != p.a_only || std::floor(p.b_only) != p.b_only || std::floor(p.n) != p.n) {
    fail_input("exact test of paired proportions: {} and {} of {} samples differ; give whole counts", p.a_only,
               p.b_only, p.n);
  }
}

// The lower limit, found from `delta` where that lies on its way.
double lower_limit(const DiscordantPairs& pairs, double alpha, double delta) {
  double low = -1;
  double high = (pairs.b_only - pairs.a_only) / pairs.n;
  const auto rejected = [&](double d) { return upper_tail(pairs, d) < alpha; };
  if (delta < high) (rejected(delta) ? low : high) = delta;
  while (high - low > 1e-9) {
    const double middle = (low + high) / 2;
    (rejected(middle) ? low : high) = middle;
  }
  // The rejected end belongs outside: a delta on it lies below the limit.
  return high;
}

}  // namespace

PairedScoreTails paired_score_tails(const DiscordantPairs& pairs, double delta) {
  check(pairs);
  return {upper_tail(mirrored(pairs), -delta), upper_tail(pairs, delta)};
}

Interval paired_score_exact_limits(const DiscordantPairs& pairs, double alpha, double delta) {
  check(pairs);
  paired_score_statistic(pairs, delta);  // refuses what is no table of counts
  if (!(alpha > 0 && alpha < 0.5)) {
    fail_input("exact limits of paired proportions: alpha {}; give a number between 0 and 0.5", alpha);
  }
  return {lower_limit(pairs, alpha, delta), -lower_limit(mirrored(pairs), alpha, -delta)};
}

}  // namespace assay::scorers
