// compare_paired() and non_inferiority(): which method answers, what it stands on, and the edges.
#include "scorers/statistics/paired_comparison.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "base/error.h"
#include "scorers/statistics/clustered_mean.h"
#include "scorers/statistics/mean_test.h"
#include "scorers/statistics/paired_score_exact.h"
#include "scorers/statistics/student_t.h"

namespace assay::scorers {
namespace {

using Values = std::vector<double>;
using Clusters = std::vector<int>;

// Scores of 0 and 1: a_only, b_only and the rest right in both.
struct Binary {
  Values a;
  Values b;

  Binary(int a_only, int b_only, int n) : a(static_cast<size_t>(n), 1.0), b(static_cast<size_t>(n), 1.0) {
    for (int i = 0; i < a_only; ++i) b[static_cast<size_t>(i)] = 0;
    for (int i = a_only; i < a_only + b_only; ++i) a[static_cast<size_t>(i)] = 0;
  }
};

Clusters clusters_of(size_t n, int size) {
  Clusters cluster;
  for (size_t i = 0; i < n; ++i) cluster.push_back(static_cast<int>(i) / size);
  return cluster;
}

// 200 shares in 25 clusters of 8 that correlate, without a skew: every value comes with its mirror image.
struct Shares {
  Values a;
  Values b;
  Clusters cluster;

  explicit Shares(double difference) {
    std::mt19937 random(3);
    for (int g = 0; g < 25; ++g) {
      const double common = 0.2 * (static_cast<double>(random()) / 4294967296.0 - 0.5);
      for (int i = 0; i < 8; ++i) {
        a.push_back(0.5);
        b.push_back(0.5 + difference + common + 0.3 * (static_cast<double>(random()) / 4294967296.0 - 0.5));
        cluster.push_back(g);
      }
    }
  }
};

TEST(ComparePaired, BinaryScoresOfIndependentSamples) {
  const Binary s(52, 34, 400);
  const PairedComparison c = compare_paired({s.a, s.b});
  EXPECT_EQ(c.method, PairedMethod::kScore);
  EXPECT_EQ(c.n, 400);
  EXPECT_EQ(c.clusters, 0);
  EXPECT_TRUE(c.binary);
  EXPECT_EQ(c.a_only, 52);
  EXPECT_EQ(c.b_only, 34);
  EXPECT_NEAR(c.difference, -18.0 / 400, 1e-15);
  EXPECT_NEAR(c.a, (400 - 34) / 400.0, 1e-15);
  EXPECT_NEAR(c.b, (400 - 52) / 400.0, 1e-15);
  EXPECT_EQ(c.freedom, kNormalLaw);
  EXPECT_EQ(c.p, mcnemar_exact_p(52, 34));
  EXPECT_EQ(c.interval.low, paired_score_interval({52, 34, 400}).low);
  EXPECT_EQ(c.interval.high, paired_score_interval({52, 34, 400}).high);
  // A cluster of its own for each, and one weight for all, are no clusters and no weights.
  Clusters own = clusters_of(400, 1);
  const Values weight(400, 2.5);
  const PairedComparison same = compare_paired({s.a, s.b, own, weight});
  EXPECT_EQ(same.method, PairedMethod::kScore);
  EXPECT_EQ(same.p, c.p);
  EXPECT_EQ(same.clusters, 0);
}

TEST(ComparePaired, FewDiscordantSamplesHaveExactLimits) {
  const Binary s(3, 1, 300);
  const PairedComparison c = compare_paired({s.a, s.b});
  const Interval exact = paired_score_exact_limits({3, 1, 300}, 0.025);
  EXPECT_EQ(c.interval.low, exact.low);
  EXPECT_EQ(c.interval.high, exact.high);
  const Binary same(0, 0, 300);
  const PairedComparison none = compare_paired({same.a, same.b});
  EXPECT_EQ(none.p, 1);
  EXPECT_EQ(none.stderr_, 0);
  EXPECT_NEAR(none.interval.high, 1 - std::pow(0.025, 1.0 / 300), 1e-8);
}

TEST(ComparePaired, SharesTakeStudentsT) {
  const Shares s(0.02);
  Values d;
  for (size_t i = 0; i < s.a.size(); ++i) d.push_back(s.b[i] - s.a[i]);
  const PairedComparison alone = compare_paired({s.a, s.b});
  const PairedComparison clustered = compare_paired({s.a, s.b, s.cluster});
  EXPECT_EQ(alone.method, PairedMethod::kStudent);
  EXPECT_EQ(clustered.method, PairedMethod::kClustered);
  EXPECT_FALSE(alone.binary);
  EXPECT_EQ(clustered.clusters, 25);
  EXPECT_NEAR(alone.freedom, 199, 1e-9);
  EXPECT_NEAR(clustered.freedom, 24, 1e-9);
  EXPECT_GT(clustered.stderr_, 1.3 * alone.stderr_);
  for (const auto& [ours, cluster] : {std::pair{alone, Clusters{}}, std::pair{clustered, s.cluster}}) {
    const ClusteredMean mean = clustered_mean(d, cluster);
    EXPECT_NEAR(ours.difference, mean.mean, 1e-15);
    EXPECT_NEAR(ours.stderr_, mean.stderr_, 1e-15);
    // Little skew: p and interval are close to those of a plain t, and the interval is where p is 5 %.
    EXPECT_NEAR(ours.p, mean_test(mean.mean, mean.stderr_, mean.freedom).p, 0.02);
    const Interval plain = mean_interval(mean.mean, mean.stderr_, mean.freedom);
    EXPECT_NEAR(ours.interval.low, plain.low, 0.1 * mean.stderr_);
    Values shifted = s.b;
    for (double& x : shifted) x -= ours.interval.low;
    EXPECT_NEAR(compare_paired({s.a, shifted, cluster}).p, 0.05, 1e-9);
  }
}

TEST(ComparePaired, SkewMovesTheIntervalToTheLongTail) {
  // 5 large losses among 200 small gains.
  Values a(205, 0.0);
  Values b(205, 0.1);
  for (size_t i = 0; i < 5; ++i) b[i * 40] = -5;
  const PairedComparison c = compare_paired({a, b});
  const Interval plain = mean_interval(c.difference, c.stderr_, c.freedom);
  EXPECT_LT(c.interval.low, plain.low - 0.3 * c.stderr_);
  EXPECT_LT(c.interval.high, plain.high);
}

TEST(ComparePaired, ClustersOfBinaryScoresCountAsFewerSamples) {
  // Clusters of four agree throughout: 20 of 100 clusters differ, and the answer is that of 100 samples.
  Values a;
  Values b;
  for (int g = 0; g < 100; ++g) {
    for (int i = 0; i < 4; ++i) {
      a.push_back(g < 13 ? 1 : 0);
      b.push_back(g >= 13 && g < 20 ? 1 : 0);
    }
  }
  const Clusters cluster = clusters_of(400, 4);
  const PairedComparison c = compare_paired({a, b, cluster});
  EXPECT_EQ(c.method, PairedMethod::kClustered);
  EXPECT_EQ(c.a_only, 52);
  EXPECT_EQ(c.b_only, 28);
  EXPECT_EQ(c.mcnemar.exact_p, mcnemar_exact_p(52, 28));
  // n−1 in place of n: 99 samples, of which 13 % and 7 %.
  const double z = paired_score_statistic({12.87, 6.93, 99}, 0);
  EXPECT_NEAR(c.p, 2 * student_upper_tail(std::abs(z), 99), 1e-9);
  EXPECT_GT(c.p, 5 * c.mcnemar.exact_p);
}

TEST(ComparePaired, AClusterThatMayDifferThroughoutIsReckonedWith) {
  // None of 40 clusters of 8 differs: as much as 40 samples say, not 320.
  const Binary s(0, 0, 320);
  const Clusters cluster = clusters_of(320, 8);
  const PairedComparison c = compare_paired({s.a, s.b, cluster});
  const Interval of_clusters = paired_score_limits_without_skew({0, 0, 40}, student_quantile(0.975, 39));
  EXPECT_NEAR(c.interval.high, of_clusters.high, 1e-9);
  EXPECT_NEAR(c.interval.low, of_clusters.low, 1e-9);
  EXPECT_EQ(c.p, 1);
}

TEST(ComparePaired, MacroWeightsGiveTheMeanOfSubsetMeans) {
  Values a;
  Values b;
  Values weight;
  double expected = 0;
  std::mt19937 random(5);
  for (const int size : {5, 20, 80}) {
    double sum = 0;
    for (int i = 0; i < size; ++i) {
      a.push_back(static_cast<double>(random() % 2));
      b.push_back(static_cast<double>(random() % 2));
      weight.push_back(105.0 / 3 / size);
      sum += b.back() - a.back();
    }
    expected += sum / size / 3;
  }
  const PairedComparison c = compare_paired({a, b, {}, weight});
  EXPECT_EQ(c.method, PairedMethod::kStudent);
  EXPECT_TRUE(c.binary);
  EXPECT_NEAR(c.difference, expected, 1e-14);
  EXPECT_LT(c.freedom, 104);
  EXPECT_LE(c.interval.low, expected);
  EXPECT_GE(c.interval.high, expected);
}

TEST(ComparePaired, NothingCanBeSaidOfOneSampleOrCluster) {
  const PairedComparison one = compare_paired({Values{0.3}, Values{0.9}});
  EXPECT_NEAR(one.difference, 0.6, 1e-15);
  EXPECT_TRUE(std::isnan(one.stderr_));
  EXPECT_TRUE(std::isnan(one.interval.low));
  EXPECT_EQ(one.p, 1);
  const Binary s(3, 0, 6);
  const PairedComparison cluster = compare_paired({s.a, s.b, Clusters(6, 1)});
  EXPECT_EQ(cluster.clusters, 1);
  EXPECT_TRUE(std::isnan(cluster.interval.high));
  EXPECT_EQ(cluster.p, 1);
  const NonInferiority gate = non_inferiority({s.a, s.b, Clusters(6, 1)}, {0.1});
  EXPECT_EQ(gate.p_inferior, 1);
  EXPECT_EQ(gate.p_not_worse, 1);
  EXPECT_TRUE(std::isnan(gate.limits.low));
  EXPECT_FALSE(gate.samples_to_settle.has_value());
  // One sample of 0/1 has an interval all the same: nearly everything.
  const PairedComparison binary = compare_paired({Values{1}, Values{1}});
  EXPECT_NEAR(binary.interval.high, 0.975, 1e-6);
}

TEST(NonInferiority, PValuesAndLimitsSayTheSame) {
  int compared = 0;
  const auto expect_same = [&](const PairedScores& scores, const std::string& what) {
    for (const double margin : {0.0, 0.003, 0.01, 0.02, 0.05, 0.1, 0.3}) {
      for (const double alpha : {0.01, 0.05, 0.2}) {
        const NonInferiority gate = non_inferiority(scores, {margin, alpha});
        EXPECT_EQ(gate.p_inferior < alpha, gate.limits.high < -margin) << what << " " << margin << " " << alpha;
        EXPECT_EQ(gate.p_not_worse<alpha, gate.limits.low> - margin) << what << " " << margin << " " << alpha;
        const bool settled = gate.p_inferior < alpha || gate.p_not_worse < alpha;
        if (!settled && gate.samples_to_settle) {
          EXPECT_GT(*gate.samples_to_settle, gate.comparison.n) << what;
        }
        ++compared;
      }
    }
  };
  for (const auto& [a_only, b_only, n] :
       {std::tuple{0, 0, 300}, {6, 0, 300}, {30, 12, 200}, {12, 30, 200}, {2, 3, 400}, {10, 0, 10}}) {
    const Binary s(a_only, b_only, n);
    const Clusters cluster = clusters_of(s.a.size(), 5);
    const std::string what = fmt::format("{}/{}/{}", a_only, b_only, n);
    expect_same({s.a, s.b}, what);
    expect_same({s.a, s.b, cluster}, what + " clustered");
  }
  for (const double difference : {-0.04, 0.0, 0.03}) {
    const Shares s(difference);
    expect_same({s.a, s.b}, "shares");
    expect_same({s.a, s.b, s.cluster}, "clustered shares");
  }
  fmt::print("{} gates: p-values and limits agree\n", compared);
}

TEST(NonInferiority, SamplesToSettle) {
  // 1 point worse with 20 % discordant: 2 points from the limit of margin 3.
  const Binary s(42, 38, 400);
  const NonInferiority gate = non_inferiority({s.a, s.b}, {0.03});
  EXPECT_GT(gate.p_not_worse, 0.05);
  ASSERT_TRUE(gate.samples_to_settle.has_value());
  const double deviation = std::sqrt(400.0) * gate.comparison.stderr_;
  EXPECT_EQ(*gate.samples_to_settle, std::ceil(std::pow((1.6448536 + 0.8416212) * deviation / 0.02, 2)));
  // Nothing differs: the score limit must come under the margin, and by clusters more samples are needed.
  const Binary same(0, 0, 40);
  EXPECT_EQ(non_inferiority({same.a, same.b}, {0.02}).samples_to_settle, 133);
  EXPECT_EQ(non_inferiority({same.a, same.b, clusters_of(40, 4)}, {0.02}).samples_to_settle, 531);
  // On the margin itself no number settles it.
  const Binary on(8, 0, 400);
  EXPECT_FALSE(non_inferiority({on.a, on.b}, {0.02}).samples_to_settle.has_value());
  // A margin as wide as the scale is always kept.
  EXPECT_EQ(non_inferiority({on.a, on.b}, {1}).p_not_worse, 0);
}

TEST(ComparePaired, RefusesBadInput) {
  const Values three = {0, 1, 1};
  const double nan = std::nan("");
  struct Case {
    const char* what;
    std::function<void()> call;
    const char* named;
  };
  const Case cases[] = {
      {"no samples", [] { compare_paired({}); }, "at least one"},
      {"unequal",
       [&] {
         compare_paired({three, Values{1}});
       },
       "3 scores of A and 1 of B"},
      {"NaN",
       [&] {
         compare_paired({three, Values{0, nan, 1}});
       },
       "sample 1"},
      {"clusters",
       [&] {
         compare_paired({three, three, Clusters{1}});
       },
       "one cluster for each"},
      {"weights",
       [&] {
         compare_paired({three, three, {}, Values{1}});
       },
       "one weight for each"},
      {"weight 0",
       [&] {
         compare_paired({three, three, {}, Values{1, 0, 1}});
       },
       "weight 1 is 0"},
      {"equal weights below 0",
       [&] {
         compare_paired({three, three, {}, Values{-1, -1, -1}});
       },
       "weight 0 is -1"},
      {"level",
       [&] {
         compare_paired({three, three}, 1);
       },
       "level"},
      {"level NaN",
       [&] {
         compare_paired({three, three}, nan);
       },
       "level"},
      {"margin",
       [&] {
         non_inferiority({three, three}, {-0.1});
       },
       "margin"},
      {"margin NaN",
       [&] {
         non_inferiority({three, three}, {nan});
       },
       "margin"},
      {"alpha",
       [&] {
         non_inferiority({three, three}, {0.1, 0.5});
       },
       "alpha"},
      {"power",
       [&] {
         non_inferiority({three, three}, {0.1, 0.05, 1});
       },
       "power"},
  };
  for (const Case& c : cases) {
    try {
      c.call();
      ADD_FAILURE() << c.what << " was accepted";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::kBadInput) << c.what;
      EXPECT_NE(std::string(e.what()).find(c.named), std::string::npos) << c.what << ": " << e.what();
    }
  }
}

}  // namespace
}  // namespace assay::scorers
