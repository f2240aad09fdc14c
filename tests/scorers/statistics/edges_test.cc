// What the golden files do not hold: the edges where a formula has no value, and properties that hold by definition.
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "scorers/statistics/macro_average.h"
#include "scorers/statistics/mean.h"
#include "scorers/statistics/normal_interval.h"
#include "scorers/statistics/pass_at_k.h"
#include "scorers/statistics/pooled_stderr.h"
#include "scorers/statistics/ratio.h"
#include "scorers/statistics/wilson_interval.h"

namespace assay::scorers {
namespace {

TEST(Mean, HasNoStandardErrorBelowTwoValues) {
  EXPECT_TRUE(std::isnan(mean_of({}).mean));
  const std::vector<double> one = {0.25};
  EXPECT_EQ(mean_of(one).mean, 0.25);
  EXPECT_TRUE(std::isnan(mean_of(one).stderr_));
  EXPECT_EQ(mean_of(one).n, 1);
}

TEST(PooledStderr, OneSubsetIsItsOwnAndSinglesWeighNothing) {
  const std::vector<MeanEstimate> one = {{0.3, 0.046, 100}};
  EXPECT_NEAR(pooled_stderr(one), 0.046, 1e-15);
  const MeanEstimate single = {1, std::nan(""), 1};
  EXPECT_TRUE(std::isnan(pooled_stderr(std::vector<MeanEstimate>{single, single})));
  EXPECT_NEAR(pooled_stderr(std::vector<MeanEstimate>{one[0], single}), 0.046 * std::sqrt(100.0 / 101), 1e-15);
  EXPECT_TRUE(std::isnan(macro_average(std::vector<MeanEstimate>{one[0], single}).stderr_));
}

TEST(NormalInterval, IsUndefinedWithoutAStandardError) {
  EXPECT_NEAR(normal_interval(10, 1).high, 11.96, 1e-4);
  EXPECT_NEAR(normal_interval(10, 1).low, 8.04, 1e-4);
  EXPECT_TRUE(std::isnan(normal_interval(10, std::nan("")).low));
}

TEST(WilsonInterval, IsMirroredAndHasAWidthAtTheEnds) {
  for (int n = 1; n <= 40; ++n) {
    for (int k = 0; k <= n; ++k) {
      const Interval here = wilson_interval(k, n);
      const Interval mirrored = wilson_interval(n - k, n);
      EXPECT_NEAR(here.low, 1 - mirrored.high, 1e-15);
      EXPECT_LT(here.low, here.high);
      EXPECT_GE(here.low, 0);
      EXPECT_LE(here.high, 1);
    }
  }
}

TEST(PassAtK, AgreesWithCountingAndRefusesWhatCannotBe) {
  // By the definition: the share of the k-subsets of n programs with at least one of the first c.
  for (int n = 1; n <= 9; ++n) {
    for (int c = 0; c <= n; ++c) {
      for (int k = 1; k <= n; ++k) {
        int sets = 0;
        int hits = 0;
        for (unsigned set = 0; set < 1u << n; ++set) {
          if (__builtin_popcount(set) != k) continue;
          ++sets;
          hits += (set & ((1u << c) - 1)) != 0;
        }
        EXPECT_NEAR(pass_at_k(n, c, k), static_cast<double>(hits) / sets, 1e-14) << n << " " << c << " " << k;
      }
    }
  }
  EXPECT_EQ(pass_at_k(7, 3, 1), 3.0 / 7);
  const struct { int n, c, k; } refused[] = {{0, 0, 1}, {5, -1, 1}, {5, 6, 1}, {5, 1, 0}, {5, 1, -1}, {5, 1, 6}};
  for (const auto& r : refused) EXPECT_THROW(pass_at_k(r.n, r.c, r.k), Error) << r.n << " " << r.c << " " << r.k;
}

TEST(RatioOfSums, IsTheMeanWhereAllUnitsAreEqual) {
  const std::vector<double> y = {1, 4, 2, 8};
  const std::vector<double> x = {2, 2, 2, 2};
  const MeanEstimate mean = mean_of(y);
  EXPECT_NEAR(ratio_of_sums(y, x).ratio, mean.mean / 2, 1e-15);
  EXPECT_NEAR(ratio_of_sums(y, x).stderr_, mean.stderr_ / 2, 1e-15);
  const std::vector<double> proportional = {2, 8, 4, 16};
  EXPECT_NEAR(ratio_of_sums(y, proportional).stderr_, 0, 1e-15);
  EXPECT_TRUE(std::isnan(ratio_of_sums({}, {}).ratio));
  EXPECT_TRUE(std::isnan(ratio_of_sums(std::vector<double>{1}, std::vector<double>{2}).stderr_));
}

}  // namespace
}  // namespace assay::scorers
