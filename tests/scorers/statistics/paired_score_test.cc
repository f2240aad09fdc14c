// Tango's score test against its likelihood maximised by brute force, its published example, and the exact version
// against an enumeration of every outcome.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "scorers/statistics/mcnemar.h"
#include "scorers/statistics/paired_score_exact.h"

namespace assay::scorers {
namespace {

const DiscordantPairs kTables[] = {{0, 0, 20}, {1, 0, 44},   {7, 1, 21},     {3, 9, 50},
                                   {5, 5, 10}, {0, 12, 300}, {40, 25, 1000}, {2.5, 7.25, 61.5}};

double log_likelihood(const DiscordantPairs& p, double q, double delta) {
  const auto term = [](double count, double share) { return count == 0 ? 0 : count * std::log(share); };
  return term(p.a_only, q) + term(p.b_only, q + delta) + term(p.n - p.a_only - p.b_only, 1 - 2 * q - delta);
}

// The likelihood is concave in q: the third of the range that holds its top shrinks by a third at each step.
double likeliest(const DiscordantPairs& p, double delta) {
  double low = std::max(0.0, -delta);
  double high = (1 - delta) / 2;
  while (high - low > 1e-13) {
    const double left = low + (high - low) / 3;
    const double right = high - (high - low) / 3;
    (log_likelihood(p, left, delta) < log_likelihood(p, right, delta) ? low : high) =
        log_likelihood(p, left, delta) < log_likelihood(p, right, delta) ? left : right;
  }
  return low;
}

TEST(PairedScore, TheNuisanceShareIsTheLikeliest) {
  int compared = 0;
  double largest = 0;
  for (const DiscordantPairs& p : kTables) {
    for (double delta = -0.95; delta < 1; delta += 0.05) {
      const double q = likeliest(p, delta);
      const double ours = paired_score_nuisance(p, delta);
      // A flat top is found to the square root of the precision only: compare the heights as well.
      EXPECT_NEAR(ours, q, 2e-7) << p.a_only << "/" << p.b_only << "/" << p.n << " at " << delta;
      EXPECT_GE(log_likelihood(p, ours, delta), log_likelihood(p, q, delta) - 1e-9);
      const double z = (p.b_only - p.a_only - p.n * delta) / std::sqrt(p.n * (2 * q + delta * (1 - delta)));
      if (std::abs(delta) > 1e-9) {
        EXPECT_NEAR(paired_score_statistic(p, delta), z, 1e-5 * (1 + std::abs(z)));
      }
      largest = std::max(largest, std::abs(ours - q));
      ++compared;
    }
  }
  fmt::print("{} shares equal the likeliest, largest deviation {:.1e}\n", compared, largest);
}

TEST(PairedScore, AtZeroItIsTheRootOfMcNemarsStatistic) {
  for (const DiscordantPairs& p : kTables) {
    const double sum = p.a_only + p.b_only;
    const double z = paired_score_statistic(p, 0);
    if (sum == 0) {
      EXPECT_EQ(z, 0);
    } else {
      EXPECT_NEAR(z, (p.b_only - p.a_only) / std::sqrt(sum), 1e-12);
    }
  }
  EXPECT_NEAR(paired_score_statistic({7, 1, 21}, 0), -std::sqrt(mcnemar(7, 1).chi2), 1e-12);
}

TEST(PairedScore, LimitsInvertTheStatistic) {
  for (const DiscordantPairs& p : kTables) {
    for (const double level : {0.5, 0.9, 0.95, 0.999}) {
      const Interval limits = paired_score_interval(p, level);
      const Interval mirrored = paired_score_interval({p.b_only, p.a_only, p.n}, level);
      EXPECT_NEAR(limits.low, -mirrored.high, 1e-12);
      EXPECT_NEAR(limits.high, -mirrored.low, 1e-12);
      EXPECT_LT(limits.low, (p.b_only - p.a_only) / p.n);
      EXPECT_GT(limits.high, (p.b_only - p.a_only) / p.n);
      const double z = paired_score_statistic(p, limits.low);
      EXPECT_NEAR(z, -paired_score_statistic(p, limits.high), 1e-6);
      EXPECT_NEAR(paired_score_interval(p, std::erf(z / std::sqrt(2))).low, limits.low, 1e-9);
    }
  }
  // Without any discordant pair the limits are ±z²/(n+z²).
  EXPECT_NEAR(paired_score_interval({0, 0, 100}).high, kZ95 * kZ95 / (100 + kZ95 * kZ95), 1e-12);
  EXPECT_EQ(paired_score_interval({10, 0, 10}).low, -1);
}

// Skew and statistic from the moments of a difference that is -1, 0 or 1.
TEST(PairedScore, TheSkewIsThatOfTheHypothesis) {
  int compared = 0;
  for (const DiscordantPairs& p : kTables) {
    double last = INFINITY;
    for (double delta = -0.6; delta < 0.6; delta += 0.01) {
      const double q = paired_score_nuisance(p, delta);
      double second = 0;
      double third = 0;
      for (const auto& [d, share] : {std::pair{-1.0, q}, {1.0, q + delta}, {0.0, 1 - 2 * q - delta}}) {
        second += share * std::pow(d - delta, 2);
        third += share * std::pow(d - delta, 3);
      }
      const double z = paired_score_statistic(p, delta);
      const double ours = paired_score_without_skew(p, delta);
      const double skew = second > 1e-12 ? third / std::pow(second, 1.5) / std::sqrt(p.n) : 0;
      if (std::abs(delta) > 1e-9 && std::abs(skew) < 1 && std::abs(z) < 3) {
        EXPECT_NEAR(ours, z - skew * (z * z - 1) / 6, 1e-7);
        ++compared;
      }
      EXPECT_LE(ours, last + 1e-9) << p.a_only << "/" << p.b_only << "/" << p.n << " at " << delta;
      last = ours;
    }
    const Interval limits = paired_score_limits_without_skew(p, 1.96);
    EXPECT_NEAR(paired_score_without_skew(p, limits.low), 1.96, 1e-6);
    EXPECT_NEAR(paired_score_without_skew(p, limits.high), -1.96, 1e-6);
  }
  fmt::print("{} statistics without the skew of the hypothesis\n", compared);
}

TEST(PairedScore, PublishedExample) {
  // M. W. Fagerland, S. Lydersen, P. Laake 2014, "Recommended tests and confidence intervals for paired binomial
  // proportions", Stat. Med. 33, 2850-2875: 21 children, 1 and 7 of them discordant; Tango's interval.
  const Interval limits = paired_score_interval({7, 1, 21});
  EXPECT_NEAR(limits.low, -0.517, 5e-4);
  EXPECT_NEAR(limits.high, -0.026, 5e-4);
}

// Sums over every outcome of n pairs.
struct Enumerated {
  double below = 0;
  double above = 0;
};

double trinomial(int a, int b, int n, double p_a, double p_b) {
  const auto power = [](double x, int k) { return k == 0 ? 1 : std::pow(x, k); };
  return std::tgamma(n + 1) / std::tgamma(a + 1) / std::tgamma(b + 1) / std::tgamma(n - a - b + 1) * power(p_a, a) *
         power(p_b, b) * power(1 - p_a - p_b, n - a - b);
}

Enumerated enumerate(int a_seen, int b_seen, int n, double delta) {
  const double count = n;
  const DiscordantPairs seen{static_cast<double>(a_seen), static_cast<double>(b_seen), count};
  const double z = paired_score_statistic(seen, delta);
  const double q = paired_score_nuisance(seen, delta);
  Enumerated sums;
  for (int a = 0; a <= n; ++a) {
    for (int b = 0; a + b <= n; ++b) {
      const double other = paired_score_statistic({static_cast<double>(a), static_cast<double>(b), count}, delta);
      const double weight = trinomial(a, b, n, q, q + delta);
      if (other <= z + 1e-9) sums.below += weight;
      if (other >= z - 1e-9) sums.above += weight;
    }
  }
  return sums;
}

TEST(PairedScoreExact, EqualsTheSumOverEveryOutcome) {
  int compared = 0;
  for (const int n : {1, 7, 14}) {
    for (int a = 0; a <= n; ++a) {
      for (int b = 0; a + b <= n; b += 2) {
        for (const double delta : {-0.6, -0.1, -0.02, 0.0, 0.05, 0.3}) {
          const Enumerated sums = enumerate(a, b, n, delta);
          const PairedScoreTails ours =
              paired_score_tails({static_cast<double>(a), static_cast<double>(b), static_cast<double>(n)}, delta);
          EXPECT_NEAR(ours.below, sums.below, 1e-9) << a << " " << b << " " << n << " " << delta;
          EXPECT_NEAR(ours.above, sums.above, 1e-9) << a << " " << b << " " << n << " " << delta;
          compared += 2;
        }
      }
    }
  }
  fmt::print("{} tails equal the sum over every outcome\n", compared);
}

TEST(PairedScoreExact, ErrsAtMostAsOftenAsPromised) {
  // The true error of a gate of margin 5 points with 60 samples at 5 %, over all shares of discordant samples.
  constexpr int kN = 60;
  constexpr double kMargin = 0.05;
  double exact_worst = 0;
  double normal_worst = 0;
  for (double b_share = 0; b_share < 0.2; b_share += 0.02) {
    double passes = 0;
    double passes_by_normal = 0;
    for (int a = 0; a <= 30; ++a) {
      for (int b = 0; a + b <= 45; ++b) {
        const double weight = trinomial(a, b, kN, b_share + kMargin, b_share);
        if (weight < 1e-8) continue;
        const DiscordantPairs seen{static_cast<double>(a), static_cast<double>(b), kN};
        if (paired_score_statistic(seen, -kMargin) > 1.644853626951) passes_by_normal += weight;
        if (paired_score_tails(seen, -kMargin).above < 0.05) passes += weight;
      }
    }
    exact_worst = std::max(exact_worst, passes);
    normal_worst = std::max(normal_worst, passes_by_normal);
  }
  fmt::print("largest error at 5 %: {:.4f} exact, {:.4f} by the normal law\n", exact_worst, normal_worst);
  EXPECT_LT(exact_worst, 0.0505);
  EXPECT_GT(exact_worst, 0.03);
  EXPECT_GT(normal_worst, exact_worst);
}

TEST(PairedScoreExact, LimitsAgreeWithTailsAtTheGivenDifference) {
  for (const DiscordantPairs& p : kTables) {
    if (std::floor(p.a_only) != p.a_only) continue;
    for (double delta = -0.4; delta <= 0.4; delta += 0.01) {
      const PairedScoreTails tails = paired_score_tails(p, delta);
      const Interval limits = paired_score_exact_limits(p, 0.05, delta);
      EXPECT_EQ(tails.above<0.05, limits.low> delta) << p.a_only << "/" << p.b_only << "/" << p.n << " " << delta;
      EXPECT_EQ(tails.below < 0.05, limits.high < delta) << p.a_only << "/" << p.b_only << "/" << p.n << " " << delta;
    }
  }
  // Rule of three: none of n discordant, (1 − δ)^n = α.
  EXPECT_NEAR(paired_score_exact_limits({0, 0, 50}, 0.05).high, 1 - std::pow(0.05, 1.0 / 50), 1e-8);
}

TEST(PairedScore, RefusesBadInput) {
  const double nan = std::nan("");
  const auto refused = [](auto&& call) {
    try {
      call();
      ADD_FAILURE() << "accepted";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::kBadInput);
    }
  };
  for (const DiscordantPairs& p : {DiscordantPairs{-1, 0, 5}, DiscordantPairs{0, -1, 5}, DiscordantPairs{3, 3, 5},
                                   DiscordantPairs{0, 0, 0}, DiscordantPairs{nan, 0, 5}, DiscordantPairs{0, 0, nan}}) {
    refused([&] { paired_score_statistic(p, 0); });
    refused([&] { paired_score_nuisance(p, 0); });
    refused([&] { paired_score_interval(p); });
    refused([&] { paired_score_tails(p, 0); });
    refused([&] { paired_score_exact_limits(p, 0.05); });
  }
  for (const double delta : {-1.0, 1.0, nan}) refused([&] { paired_score_statistic({1, 2, 5}, delta); });
  for (const double level : {0.0, 1.0, nan}) refused([&] { paired_score_interval({1, 2, 5}, level); });
  for (const double quantile : {0.0, -1.0, nan}) {
    refused([&] { paired_score_limits_without_skew({1, 2, 5}, quantile); });
  }
  refused([] { paired_score_without_skew({1, 2, 5}, 1); });
  refused([] { paired_score_tails({0.5, 1, 5}, 0); });
  refused([] { paired_score_exact_limits({1, 2, 5}, 0.5); });
}

}  // namespace
}  // namespace assay::scorers
