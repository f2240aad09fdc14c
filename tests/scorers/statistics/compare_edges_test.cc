// Comparisons and plans where the data is degenerate: what has a value by the header, and what is refused.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "scorers/statistics/bootstrap.h"
#include "scorers/statistics/clustered_stderr.h"
#include "scorers/statistics/equivalence.h"
#include "scorers/statistics/mcnemar.h"
#include "scorers/statistics/mcnemar_power.h"
#include "scorers/statistics/mean_test.h"
#include "scorers/statistics/multiple_comparisons.h"
#include "scorers/statistics/paired.h"
#include "scorers/statistics/paired_mean_power.h"
#include "scorers/statistics/student_t.h"

namespace assay::scorers {
namespace {

using Values = std::vector<double>;
using Clusters = std::vector<int>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const double kNan = std::nan("");

struct Refused {
  const char* what;
  std::function<void()> call;
  const char* named;  // what the sentence must contain
};

void expect_refused(const std::vector<Refused>& cases) {
  for (const Refused& c : cases) {
    try {
      c.call();
      ADD_FAILURE() << c.what << " was accepted";
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ExitCode::kBadInput) << c.what;
      EXPECT_NE(std::string(e.what()).find(c.named), std::string::npos) << c.what << ": " << e.what();
    }
  }
}

TEST(McNemar, WithoutDiscordantSamplesNothingDiffers) {
  const McNemar none = mcnemar(0, 0);
  EXPECT_EQ(none.exact_p, 1);
  EXPECT_EQ(none.mid_p, 1);
  EXPECT_TRUE(std::isnan(none.chi2));
  EXPECT_TRUE(std::isnan(none.chi2_cc_p));
  EXPECT_EQ(mcnemar(1, 0).exact_p, 1);
  EXPECT_NEAR(mcnemar(1, 0).mid_p, 0.5, 1e-15);
  // A million to one: no overflow, no negative p.
  EXPECT_GE(mcnemar(1'000'000, 1).exact_p, 0);
  EXPECT_NEAR(mcnemar(500'000, 500'001).exact_p, 1, 1e-12);
}

TEST(McNemar, IsSymmetric) {
  for (int64_t b = 0; b < 30; ++b) {
    for (int64_t c = 0; c < b; ++c) {
      EXPECT_EQ(mcnemar(b, c).exact_p, mcnemar(c, b).exact_p);
      EXPECT_EQ(mcnemar(b, c).mid_p, mcnemar(c, b).mid_p);
      EXPECT_LT(mcnemar(b, c).mid_p, mcnemar(b, c).exact_p);
    }
  }
}

TEST(Paired, OneSampleAndEqualScores) {
  const Paired one = paired(Values{1}, Values{0});
  EXPECT_EQ(one.difference.mean, 1);
  EXPECT_TRUE(std::isnan(one.difference.stderr_));
  EXPECT_TRUE(std::isnan(one.stderr_unpaired));
  EXPECT_TRUE(std::isnan(one.correlation));
  const Values scores = {0.1, 0.7, 0.3};
  const Paired same = paired(scores, scores);
  EXPECT_EQ(same.difference.mean, 0);
  EXPECT_EQ(same.difference.stderr_, 0);
  EXPECT_NEAR(same.correlation, 1, 1e-15);
  EXPECT_TRUE(std::isnan(paired(Values{1, 1, 1}, scores).correlation));
}

TEST(ClusteredStderr, OneClusterHasNoneAndSinglesAreIndependent) {
  const Values x = {0.5, 1, 0, 0.25, 1};
  const ClusteredStderr one = clustered_stderr(x, Clusters{7, 7, 7, 7, 7});
  EXPECT_EQ(one.clusters, 1);
  for (const double stderr_ : {one.cr0, one.cr1, one.miller}) EXPECT_TRUE(std::isnan(stderr_));
  const ClusteredStderr singles = clustered_stderr(x, Clusters{5, -4, 3, 2, 1});
  EXPECT_EQ(singles.clusters, 5);
  EXPECT_NEAR(singles.cr1, mean_of(x).stderr_, 1e-15);
  EXPECT_NEAR(singles.miller, mean_of(x).stderr_, 1e-15);
  // A perfect balance inside every cluster: Miller's sum is negative and taken as 0.
  const ClusteredStderr balanced = clustered_stderr(Values{0, 1, 0, 1, 0, 1, 0, 1}, Clusters{0, 0, 0, 0, 1, 1, 1, 1});
  EXPECT_EQ(balanced.cr0, 0);
  EXPECT_NEAR(balanced.miller, std::sqrt(2.0 / 7 / 8 - 2.0 / 64), 1e-15);
  EXPECT_EQ(clustered_stderr(Values{1, 1, 1}, Clusters{0, 0, 1}).cr1, 0);
  // Every sample twice in a cluster of its own: no more is known than from one copy.
  const Values twice = {0.5, 0.5, 1, 1, 0, 0, 0.25, 0.25, 1, 1};
  EXPECT_NEAR(clustered_stderr(twice, Clusters{0, 0, 1, 1, 2, 2, 3, 3, 4, 4}).cr1, mean_of(x).stderr_, 1e-15);
}

TEST(MeanTest, WithoutSpread) {
  EXPECT_EQ(mean_test(0, 0, 9).p, 1);
  EXPECT_EQ(mean_test(0, 0, 9).statistic, 0);
  EXPECT_EQ(mean_test(0.5, 0, 9).p, 0);
  EXPECT_EQ(mean_test(-0.5, 0, 9).statistic, -kInfinity);
  EXPECT_EQ(mean_interval(0.5, 0, 9).low, 0.5);
  EXPECT_EQ(mean_interval(0.5, 0, 9).high, 0.5);
}

TEST(Equivalence, ARunWithItselfIsEquivalentWithinAnyMargin) {
  const Equivalence same = equivalence(0, 0, 0.01, 99);
  EXPECT_EQ(same.p_not_worse, 0);
  EXPECT_EQ(same.p_equivalent, 0);
  EXPECT_EQ(same.p_regressed, 1);
  EXPECT_EQ(same.p_inferior, 1);
  // On the margin itself nothing is shown either way.
  const Equivalence on_margin = equivalence(-0.01, 0, 0.01, 99);
  EXPECT_EQ(on_margin.p_not_worse, 1);
  EXPECT_EQ(on_margin.p_inferior, 1);
  EXPECT_EQ(on_margin.p_regressed, 0);
}

TEST(Equivalence, PValuesAndLimitsSayTheSame) {
  for (double d = -0.1; d < 0.1; d += 0.003) {
    for (const double freedom : {1.0, 20.0, kNormalLaw}) {
      for (const double alpha : {0.01, 0.05, 0.2}) {
        const Equivalence e = equivalence(d, 0.013, 0.02, freedom, alpha);
        EXPECT_EQ(e.p_inferior < alpha, e.limits.high < -0.02) << d << " " << freedom << " " << alpha;
        EXPECT_EQ(e.p_not_worse<alpha, e.limits.low> - 0.02) << d << " " << freedom << " " << alpha;
        EXPECT_NEAR(e.p_inferior + e.p_not_worse, 1, 1e-14);
      }
    }
  }
}

TEST(MultipleComparisons, NoneAndOrder) {
  EXPECT_TRUE(holm({}).empty());
  EXPECT_TRUE(benjamini_yekutieli({}).empty());
  const Values p = {0.04, 0.001, 0.04, 0.9, 0.02};
  for (const auto& adjust : {bonferroni, holm, benjamini_hochberg, benjamini_yekutieli}) {
    const Values adjusted = adjust(p);
    EXPECT_EQ(adjusted[0], adjusted[2]);
    for (size_t i = 0; i < p.size(); ++i) {
      EXPECT_GE(adjusted[i], p[i]);
      EXPECT_LE(adjusted[i], 1);
      EXPECT_LE(holm(p)[i], bonferroni(p)[i]);
      EXPECT_LE(benjamini_hochberg(p)[i], holm(p)[i]);
    }
  }
}

TEST(Bootstrap, ASeedFixesTheDrawsAndEqualValuesHaveNoWidth) {
  Values x(40);
  std::iota(x.begin(), x.end(), 0.0);
  const Bootstrap first = bootstrap(x, {}, {1'000, 0.95, 7});
  const Bootstrap again = bootstrap(x, {}, {1'000, 0.95, 7});
  const Bootstrap other = bootstrap(x, {}, {1'000, 0.95, uint64_t{7} << 32});
  EXPECT_EQ(first.bca.low, again.bca.low);
  EXPECT_EQ(first.stderr_, again.stderr_);
  EXPECT_NE(first.stderr_, other.stderr_);

  const Bootstrap equal = bootstrap(Values(9, 0.1), {}, {500, 0.95, 1});
  EXPECT_EQ(equal.acceleration, 0);
  EXPECT_NEAR(equal.z0, 0, 1e-15);
  EXPECT_NEAR(equal.bca.low, 0.1, 1e-15);
  EXPECT_NEAR(equal.bca.high, 0.1, 1e-15);
  EXPECT_NEAR(equal.percentile.high, 0.1, 1e-15);
  EXPECT_NEAR(equal.stderr_, 0, 1e-15);
  // Two values: half of the resamples equal the mean, so that the share below and half the equal ones is ½.
  EXPECT_NEAR(bootstrap(Values{0, 1}).z0, 0, 0.06);
}

TEST(Bootstrap, DrawsWholeClusters) {
  // Within each cluster the values cancel: drawing clusters never leaves the mean, drawing values does.
  const Values x = {-1, 1, -2, 2, -3, 3};
  const Clusters pairs = {0, 0, 1, 1, 2, 2};
  EXPECT_EQ(bootstrap(x, pairs).stderr_, 0);
  EXPECT_NEAR(bootstrap(x).stderr_, std::sqrt(28.0 / 6 / 6), 0.03);
  // Clusters of unequal size: the estimate stays the mean over samples.
  EXPECT_NEAR(bootstrap(Values{1, 1, 1, 0}, Clusters{4, 4, 4, 9}).estimate, 0.75, 1e-15);
}

TEST(McNemarPower, AgreesWithCountingEveryOutcome) {
  // n = 12: all numbers of samples that A alone and B alone answer rightly, with their multinomial weights.
  constexpr int kN = 12;
  const auto counted = [](double discordance, double delta, double alpha, double (*p_value)(int64_t, int64_t)) {
    const double b_share = (discordance + delta) / 2;
    const double a_share = (discordance - delta) / 2;
    double power = 0;
    for (int a = 0; a <= kN; ++a) {
      for (int b = 0; a + b <= kN; ++b) {
        if (p_value(a, b) > alpha) continue;
        const double ways = std::tgamma(kN + 1) / std::tgamma(a + 1) / std::tgamma(b + 1) / std::tgamma(kN - a - b + 1);
        power += ways * std::pow(a_share, a) * std::pow(b_share, b) * std::pow(1 - discordance, kN - a - b);
      }
    }
    return power;
  };
  for (const double discordance : {0.2, 0.7, 1.0}) {
    for (const double delta : {0.0, 0.1, -0.2}) {
      // With 0.9 even an equal split is rejected by mid p, and both tails meet.
      for (const double alpha : {0.05, 0.2, 0.9}) {
        const McNemarPlan plan{discordance, alpha};
        EXPECT_NEAR(mcnemar_power_exact(plan, kN, delta, McNemarKind::kExact),
                    counted(discordance, delta, alpha, mcnemar_exact_p), 1e-12);
        EXPECT_NEAR(mcnemar_power_exact(plan, kN, delta, McNemarKind::kMidP),
                    counted(discordance, delta, alpha, mcnemar_mid_p), 1e-12);
      }
    }
  }
}

TEST(McNemarPower, PlansAreInverse) {
  const McNemarPlan plan{0.2};
  EXPECT_NEAR(mcnemar_power(plan, 700, mcnemar_detectable(plan, 700, 0.8).value()), 0.8, 1e-12);
  EXPECT_GE(mcnemar_power(plan, static_cast<int64_t>(std::ceil(mcnemar_samples(plan, 0.03, 0.9))), 0.03), 0.9);
  EXPECT_LT(mcnemar_power(plan, static_cast<int64_t>(mcnemar_samples(plan, 0.03, 0.9)), 0.03), 0.9);
  EXPECT_EQ(mcnemar_power(plan, 100, 0.05), mcnemar_power(plan, 100, -0.05));
  EXPECT_FALSE(mcnemar_detectable(plan, 5, 0.8).has_value());  // 5 samples, one of them discordant
}

TEST(PairedMeanPower, PlansAreInverse) {
  const PairedMeanPlan plan{0.4};
  EXPECT_NEAR(paired_mean_power(plan, 500, paired_mean_detectable(plan, 500, 0.8)), 0.8, 1e-5);
  EXPECT_NEAR(paired_mean_samples(plan, paired_mean_detectable(plan, 500, 0.8), 0.8), 500, 1e-9);
  EXPECT_EQ(paired_mean_power(plan, 500, 0), 0.05);
  EXPECT_EQ(paired_mean_power({0}, 2, 0.1), 1);
  EXPECT_EQ(paired_mean_power({0}, 2, 0), 0.05);
  EXPECT_EQ(paired_mean_detectable({0}, 2, 0.8), 0);
}

TEST(CompareStatistics, RefusesBadInput) {
  const Values three = {0, 1, 1};
  expect_refused({
      {"McNemar", [] { mcnemar(-1, 2); }, "-1"},
      {"exact p", [] { mcnemar_exact_p(1, -2); }, "-2"},
      {"mid p", [] { mcnemar_mid_p(1, -2); }, "-2"},
      {"no samples", [] { paired({}, {}); }, "at least one"},
      {"unequal samples", [&] { paired(three, Values{1}); }, "3 scores of A and 1 of B"},
      {"NaN of A",
       [&] {
         paired(Values{0, kNan, 1}, three);
       },
       "sample 1"},
      {"infinity of B",
       [&] {
         differences(three, Values{0, 1, kInfinity});
       },
       "sample 2"},
      {"no values", [] { clustered_stderr({}, {}); }, "at least one"},
      {"NaN value",
       [] {
         clustered_stderr(Values{1, kNan}, Clusters{1, 2});
       },
       "finite"},
      {"missing cluster", [&] { clustered_stderr(three, Clusters{1}); }, "one cluster for each"},
      {"one sample", [] { mean_test(0.5, kNan, 0); }, "two samples"},
      {"NaN mean", [] { mean_test(kNan, 1, 5); }, "two samples"},
      {"negative error", [] { mean_test(0, -1, 5); }, "-1"},
      {"no freedom", [] { mean_interval(0, 1, 0); }, "two samples"},
      {"level 1", [] { mean_interval(0, 1, 5, 1); }, "level"},
      {"level NaN", [] { mean_interval(0, 1, 5, kNan); }, "level"},
      {"p above 1",
       [] {
         holm(Values{0.5, 1.5});
       },
       "p-value 1"},
      {"p negative", [] { bonferroni(Values{-0.1}); }, "p-value 0"},
      {"p NaN", [] { benjamini_hochberg(Values{kNan}); }, "nan"},
      {"p NaN again", [] { benjamini_yekutieli(Values{kNan}); }, "nan"},
      {"equivalence of one", [] { equivalence(0.1, kNan, 0.1, 0); }, "two samples"},
      {"NaN difference", [] { equivalence(kNan, 1, 0.1, 5); }, "nan"},
      {"error below 0", [] { equivalence(0, -1, 0.1, 5); }, "-1"},
      {"margin below 0", [] { equivalence(0, 1, -0.1, 5); }, "margin"},
      {"margin NaN", [] { equivalence(0, 1, kNan, 5); }, "margin"},
      {"alpha", [] { equivalence(0, 1, 0.1, 5, 0.5); }, "alpha"},
      {"bootstrap of none", [] { bootstrap({}); }, "0 values"},
      {"bootstrap of one", [] { bootstrap(Values{1}); }, "1 values"},
      {"one cluster",
       [&] {
         bootstrap(three, Clusters{1, 1, 1});
       },
       "1 clusters"},
      {"a cluster short",
       [&] {
         bootstrap(three, Clusters{1, 2});
       },
       "one cluster for each"},
      {"NaN in a bootstrap",
       [] {
         bootstrap(Values{1, kNan});
       },
       "value 1"},
      {"few resamples", [&] { bootstrap(three, {}, {99}); }, "99 resamples"},
      {"bootstrap level",
       [&] {
         bootstrap(three, {}, {1000, 0});
       },
       "level"},
      {"discordance 0", [] { mcnemar_power({0}, 10, 0); }, "discordance"},
      {"discordance above 1", [] { mcnemar_power({1.1}, 10, 0); }, "discordance"},
      {"discordance NaN", [] { mcnemar_power({kNan}, 10, 0); }, "discordance"},
      {"alpha 0",
       [] {
         mcnemar_power({0.1, 0}, 10, 0);
       },
       "alpha"},
      {"difference above discordance", [] { mcnemar_power({0.1}, 10, 0.2); }, "within the discordance"},
      {"difference NaN", [] { mcnemar_power_exact({0.1}, 10, kNan, McNemarKind::kExact); }, "within the discordance"},
      {"plan without samples", [] { mcnemar_detectable({0.1}, 0, 0.8); }, "0 samples"},
      {"power 1", [] { mcnemar_detectable({0.1}, 10, 1); }, "power"},
      {"power below half", [] { mcnemar_samples({0.1}, 0.05, 0.4); }, "power"},
      {"nothing to detect", [] { mcnemar_samples({0.1}, 0, 0.8); }, "difference of 0"},
      {"deviation below 0", [] { paired_mean_power({-1}, 10, 0.1); }, "standard deviation"},
      {"deviation NaN", [] { paired_mean_power({kNan}, 10, 0.1); }, "standard deviation"},
      {"alpha 1",
       [] {
         paired_mean_power({1, 1}, 10, 0.1);
       },
       "alpha"},
      {"means without samples", [] { paired_mean_power({1}, 0, 0.1); }, "0 samples"},
      {"means, difference NaN", [] { paired_mean_power({1}, 5, kNan); }, "nan"},
      {"means, power NaN", [] { paired_mean_detectable({1}, 5, kNan); }, "power"},
      {"means, nothing to detect", [] { paired_mean_samples({1}, 0, 0.8); }, "difference of 0"},
  });
}

}  // namespace
}  // namespace assay::scorers
