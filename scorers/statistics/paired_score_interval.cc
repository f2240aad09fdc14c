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

DiscordantPairs mirrored(const DiscordantPairs& p) {
  return {p.b_only, p.a_only, p.n};
}

double statistic(const DiscordantPairs& p, double delta) {
  if (delta < 0) return -statistic(mirrored(p), -delta);
  const double distance = p.b_only - p.a_only - p.n * delta;
  if (distance == 0) return 0;
  return distance / std::sqrt(p.n * (2 * nuisance_right(p, delta) + delta * (1 - delta)));
}

}  // namespace

double paired_score_statistic(const DiscordantPairs& pairs, double delta) {
  check(pairs, delta);
  return statistic(pairs, delta);
}

double paired_score_nuisance(const DiscordantPairs& pairs, double delta) {
  check(pairs, delta);
  return delta < 0 ? nuisance_right(mirrored(pairs), -delta) - delta : nuisance_right(pairs, delta);
}

Interval paired_score_limits(const DiscordantPairs& pairs, double quantile) {
  check(pairs, 0);
  if (!(quantile > 0 && std::isfinite(quantile))) {
    fail_input("score interval of paired proportions: quantile {}; give a number above 0", quantile);
  }
  const double observed = std::clamp((pairs.b_only - pairs.a_only) / pairs.n, -1.0, 1.0);
  Interval limits{-1, 1};
  if (observed > -1) limits.low = bisect(-1, observed, [&](double d) { return statistic(pairs, d) > quantile; });
  if (observed < 1) limits.high = bisect(observed, 1, [&](double d) { return statistic(pairs, d) >= -quantile; });
  return limits;
}

Interval paired_score_interval(const DiscordantPairs& pairs, double level) {
  if (!(level > 0 && level < 1)) {
    fail_input("score interval of paired proportions: level {}; give a number between 0 and 1", level);
  }
  return paired_score_limits(pairs, normal_quantile((1 + level) / 2));
}

}  // namespace assay::scorers
