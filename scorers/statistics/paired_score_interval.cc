#include "scorers/statistics/paired_score_interval.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "scorers/statistics/bisection.h"
#include "scorers/statistics/normal.h"

namespace assay::scorers {
namespace {

void check(const DiscordantPairs& p, double delta) {
  const bool counts = p.a_only >= 0 && p.b_only >= 0 && std::isfinite(p.n) && p.n > 0;
  // Fractional counts are products, and all of n may differ: allow for the rounding.
  if (!counts || !(p.a_only + p.b_only <= p.n * (1 + 1e-12))) {
    fail_input("score test of paired proportions: {} and {} of {} samples differ; give counts that n contains",
               p.a_only, p.b_only, p.n);
  }
  if (!(delta > -1 && delta < 1)) {
    fail_input("score test of paired proportions: difference {}; give one between -1 and 1", delta);
  }
}

// For δ >= 0, where the quadratic has one root that is not negative. The form without cancellation is chosen.
double nuisance_right(const DiscordantPairs& p, double delta) {
  const double linear = p.a_only + p.b_only - delta * (2 * p.n + p.a_only - p.b_only);
  const double constant = p.a_only * delta * (1 - delta);
  const double root = std::sqrt(linear * linear + 8 * p.n * constant);
  if (linear >= 0) return (linear + root) / (4 * p.n);
  return 2 * constant / (root - linear);
}

double variance(const DiscordantPairs& p, double delta) {
  return 2 * nuisance_right(p, delta) + delta * (1 - delta);
}

double statistic(const DiscordantPairs& p, double delta) {
  if (delta < 0) return -statistic(mirrored(p), -delta);
  const double distance = p.b_only - p.a_only - p.n * delta;
  return distance == 0 ? 0 : distance / std::sqrt(p.n * variance(p, delta));
}

double without_null_skew(const DiscordantPairs& p, double delta) {
  if (delta < 0) return -without_null_skew(mirrored(p), -delta);
  const double z = statistic(p, delta);
  if (delta == 0) return z;  // no skew where either side is as likely
  const double v = variance(p, delta);
  const double discordance = v + delta * delta;
  const double third = delta - 3 * delta * discordance + 2 * delta * delta * delta;
  const double skew = std::clamp(third / (std::sqrt(p.n * v) * v), -1.0, 1.0);
  return z - skew * (std::min(z * z, 9.0) - 1) / 6;
}

template <typename Statistic>
Interval limits_of(const DiscordantPairs& pairs, double quantile, Statistic z) {
  const double observed = std::clamp((pairs.b_only - pairs.a_only) / pairs.n, -1.0, 1.0);
  Interval limits{-1, 1};
  if (observed > -1) limits.low = bisect(-1, observed, [&](double d) { return z(pairs, d) > quantile; });
  if (observed < 1) limits.high = bisect(observed, 1, [&](double d) { return z(pairs, d) >= -quantile; });
  return limits;
}

}  // namespace

DiscordantPairs mirrored(const DiscordantPairs& pairs) {
  return {pairs.b_only, pairs.a_only, pairs.n};
}

double paired_score_statistic(const DiscordantPairs& pairs, double delta) {
  check(pairs, delta);
  return statistic(pairs, delta);
}

double paired_score_nuisance(const DiscordantPairs& pairs, double delta) {
  check(pairs, delta);
  return delta < 0 ? nuisance_right(mirrored(pairs), -delta) - delta : nuisance_right(pairs, delta);
}

double paired_score_without_skew(const DiscordantPairs& pairs, double delta) {
  check(pairs, delta);
  return without_null_skew(pairs, delta);
}

Interval paired_score_interval(const DiscordantPairs& pairs, double level) {
  check(pairs, 0);
  if (!(level > 0 && level < 1)) {
    fail_input("score interval of paired proportions: level {}; give a number between 0 and 1", level);
  }
  return limits_of(pairs, normal_quantile((1 + level) / 2), statistic);
}

Interval paired_score_limits_without_skew(const DiscordantPairs& pairs, double quantile) {
  check(pairs, 0);
  if (!(quantile > 0 && std::isfinite(quantile))) {
    fail_input("score interval of paired proportions: quantile {}; give a number above 0", quantile);
  }
  return limits_of(pairs, quantile, without_null_skew);
}

}  // namespace assay::scorers
