// Davidson's model where the golden file is silent: closed forms of two models, when there is a maximum, and errors by
// clusters against sums written out.
#include "scorers/statistics/davidson.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/error.h"
#include "scorers/statistics/clustered_mean.h"
#include "scorers/statistics/davidson_clustered.h"

namespace assay::scorers {
namespace {

using V = Verdict;

Matrix symmetric(double ties) {
  return {{0, ties}, {ties, 0}};
}

TEST(Davidson, TwoModelsHaveAClosedForm) {
  const struct {
    double win, tie, loss;
  } cases[] = {{10, 5, 4}, {1, 1, 1}, {1000, 1, 1}, {3, 400, 2}, {0.5, 0.25, 0.125}, {1e6, 1e3, 1}};
  for (const auto& c : cases) {
    const std::optional<Davidson> fit = davidson({{0, c.win}, {c.loss, 0}}, symmetric(c.tie));
    ASSERT_TRUE(fit);
    EXPECT_NEAR(2 * fit->log_strength[0], std::log(c.win / c.loss), 1e-9);
    EXPECT_NEAR(fit->log_nu, std::log(c.tie / std::sqrt(c.win * c.loss)), 1e-9);
    // Var log(x/y) of multinomial counts is 1/x + 1/y.
    EXPECT_NEAR(fit->difference_stderr(0, 1), std::sqrt(1 / c.win + 1 / c.loss), 1e-7);
    EXPECT_NEAR(fit->log_nu_stderr, std::sqrt(1 / c.tie + 0.25 / c.win + 0.25 / c.loss), 1e-7);
  }
}

TEST(Davidson, WithoutTiesItIsBradleyAndTerry) {
  const std::optional<Davidson> two = davidson({{0, 8}, {2, 0}}, symmetric(0));
  ASSERT_TRUE(two);
  EXPECT_FALSE(two->has_ties());
  EXPECT_NEAR(two->log_strength[0] - two->log_strength[1], std::log(4), 1e-10);
  EXPECT_NEAR(two->difference_stderr(1, 0), std::sqrt(1 / 10.0 / 0.16), 1e-9);
  EXPECT_NEAR(two->log_likelihood, 8 * std::log(0.8) + 2 * std::log(0.2), 1e-10);
  EXPECT_TRUE(std::isnan(two->nu) && std::isnan(two->log_nu) && std::isnan(two->log_nu_stderr));
  // Expected wins equal those seen: the equations of the maximum.
  const Matrix wins = {{0, 5, 9, 3}, {4, 0, 2, 7}, {1, 6, 0, 8}, {2, 3, 4, 0}};
  const std::optional<Davidson> four = davidson(wins, Matrix(4, std::vector<double>(4)));
  ASSERT_TRUE(four);
  double sum = 0;
  for (size_t i = 0; i < 4; ++i) {
    double surplus = 0;
    for (size_t j = 0; j < 4; ++j) {
      const double chance = 1 / (1 + std::exp(four->log_strength[j] - four->log_strength[i]));
      if (i != j) surplus += wins[i][j] - (wins[i][j] + wins[j][i]) * chance;
    }
    EXPECT_NEAR(surplus, 0, 1e-9);
    sum += four->log_strength[i];
  }
  EXPECT_NEAR(sum, 0, 1e-12);
}

TEST(Davidson, HasNoneWhereNoMaximumIsFinite) {
  const Matrix none3(3, std::vector<double>(3));
  const struct {
    const char* what;
    bool finite;
    Matrix wins, ties;
  } cases[] = {
      {"one model never won", false, {{0, 4}, {0, 0}}, symmetric(0)},
      {"nothing was compared", false, {{0, 0}, {0, 0}}, symmetric(0)},
      {"all tied", false, {{0, 0}, {0, 0}}, symmetric(6)},
      {"never won, but tied: strength falls as nu rises", false, {{0, 4}, {0, 0}}, symmetric(3)},
      {"one win each and a tie", true, {{0, 1}, {1, 0}}, symmetric(1)},
      {"two pairs that never met",
       false,
       {{0, 2, 0, 0}, {1, 0, 0, 0}, {0, 0, 0, 2}, {0, 0, 3, 0}},
       Matrix(4, std::vector<double>(4))},
      {"the third lost to both", false, {{0, 2, 3}, {2, 0, 3}, {0, 0, 0}}, none3},
      {"a circle", true, {{0, 1, 0}, {0, 0, 1}, {1, 0, 0}}, none3},
      {"wins down an order, ties of neighbours",
       false,
       {{0, 5, 5}, {0, 0, 5}, {0, 0, 0}},
       {{0, 2, 0}, {2, 0, 2}, {0, 2, 0}}},
      {"wins down an order, a tie across it",
       true,
       {{0, 5, 0}, {0, 0, 5}, {0, 0, 0}},
       {{0, 0, 2}, {0, 0, 0}, {2, 0, 0}}},
      {"a third that only tied with one", true, {{0, 2, 0}, {3, 0, 0}, {0, 0, 0}}, {{0, 0, 4}, {0, 0, 0}, {4, 0, 0}}},
  };
  for (const auto& c : cases) EXPECT_EQ(davidson(c.wins, c.ties).has_value(), c.finite) << c.what;
}

TEST(Davidson, RefusesTablesThatAreNone) {
  const double nan = std::nan("");
  const struct {
    Matrix wins, ties;
  } refused[] = {
      {{}, {}},
      {{{0}}, {{0}}},
      {{{0, 1}, {1, 0}}, {{0}}},
      {{{0, 1}, {1}}, symmetric(0)},
      {{{0, -1}, {1, 0}}, symmetric(0)},
      {{{0, nan}, {1, 0}}, symmetric(0)},
      {{{0, 1}, {HUGE_VAL, 0}}, symmetric(0)},
      {{{1, 1}, {1, 0}}, symmetric(0)},
      {{{0, 1}, {1, 0}}, {{0, 2}, {1, 0}}},
  };
  for (const auto& r : refused) EXPECT_THROW(davidson(r.wins, r.ties), Error);
}

std::vector<PairRating> some_ratings(int models, int prompts, int raters, int each, bool ties) {
  std::mt19937 random(11);
  std::vector<PairRating> result;
  for (int p = 0; p < prompts; ++p) {
    for (int k = 0; k < each; ++k) {
      const int first = static_cast<int>(random() % static_cast<unsigned>(models));
      const int second = (first + 1 + static_cast<int>(random() % static_cast<unsigned>(models - 1))) % models;
      const unsigned drawn = random() % 10;
      const V verdict = ties && drawn < 3 ? V::kTie : drawn < (first < second ? 8u : 5u) ? V::kWin : V::kLoss;
      result.push_back({first, second, verdict, p, (p * each + k) % raters});
    }
  }
  return result;
}

TEST(DavidsonClustered, RatingsEachTheirOwnClusterHaveTheSandwichOfTwoModels) {
  // Of two models log(win/loss) is the estimate: each win adds 1/win, each loss −1/loss, a tie nothing.
  std::vector<PairRating> ratings;
  for (int i = 0; i < 30; ++i) {
    ratings.push_back({0, 1, i < 14 ? V::kWin : i < 20 ? V::kTie : V::kLoss, i, i});
    if (i % 2 == 1) ratings.back() = {1, 0, i < 14 ? V::kLoss : i < 20 ? V::kTie : V::kWin, i, i};
  }
  const std::optional<ClusteredDavidson> ours = davidson_clustered(2, ratings);
  ASSERT_TRUE(ours);
  const TwoWayMean& difference = ours->differences[0][1];
  EXPECT_NEAR(difference.mean, std::log(1.4), 1e-9);
  EXPECT_EQ(difference.n, 30);
  // Without the correction for leverage: √(1/14 + 1/10), which is also the model's own.
  EXPECT_NEAR(difference.stderr_, std::sqrt(1 / 14.0 + 1 / 10.0), 0.02 * difference.stderr_);
  EXPECT_NEAR(ours->fit.difference_stderr(0, 1), std::sqrt(1 / 14.0 + 1 / 10.0), 1e-9);
  EXPECT_NEAR(ours->strengths[0].mean, difference.mean / 2, 1e-12);
  EXPECT_NEAR(ours->strengths[0].stderr_, difference.stderr_ / 2, 1e-12);
  EXPECT_NEAR(ours->differences[1][0].interval.low, -difference.interval.high, 1e-12);
  EXPECT_TRUE(std::isnan(ours->differences[1][1].freedom));
}

// A⁺·Σ S_g·S_gᵀ·A⁺ by differences of the likelihood, for clusters that are many: the corrections then vanish.
TEST(DavidsonClustered, IsTheSandwichOfTheScores) {
  for (const bool ties : {true, false}) {
    const std::vector<PairRating> ratings = some_ratings(4, 3000, 1, 2, ties);
    const std::optional<ClusteredDavidson> ours = davidson_clustered(4, ratings);
    ASSERT_TRUE(ours);
    const Davidson& fit = ours->fit;
    const double log_nu = ties ? fit.log_nu : -HUGE_VAL;
    const size_t size = fit.covariance.size();
    Matrix scores(3000, std::vector<double>(size));
    for (const PairRating& r : ratings) {
      const auto log_chance = [&](double step, double step_nu) {
        const DavidsonPair pair = davidson_pair(
            fit.log_strength[static_cast<size_t>(r.first)] + step - fit.log_strength[static_cast<size_t>(r.second)],
            log_nu + step_nu);
        return std::log(r.verdict == V::kWin ? pair.win : r.verdict == V::kTie ? pair.tie : pair.loss);
      };
      const double h = 1e-5;
      const double slope = (log_chance(h, 0) - log_chance(-h, 0)) / (2 * h);
      std::vector<double>& score = scores[static_cast<size_t>(r.prompt)];
      score[static_cast<size_t>(r.first)] += slope;
      score[static_cast<size_t>(r.second)] -= slope;
      if (ties) score[4] += (log_chance(0, h) - log_chance(0, -h)) / (2 * h);
    }
    for (size_t i = 0; i < 4; ++i) {
      for (size_t j = 0; j < 4; ++j) {
        if (i == j) continue;
        double expected = 0;
        for (const std::vector<double>& score : scores) {
          const std::vector<double> moved = product(fit.covariance, score);
          expected += (moved[i] - moved[j]) * (moved[i] - moved[j]);
        }
        EXPECT_NEAR(ours->differences[i][j].stderr_, std::sqrt(expected), 1e-3 * std::sqrt(expected));
        EXPECT_EQ(ours->differences[i][j].raters, 1);
        EXPECT_TRUE(std::isnan(ours->differences[i][j].rater_stderr));
      }
    }
  }
}

TEST(DavidsonClustered, CopiedRatingsOfAPromptSayNothingNew) {
  const std::vector<PairRating> once = some_ratings(3, 200, 8, 1, true);
  std::vector<PairRating> twice = once;
  twice.insert(twice.end(), once.begin(), once.end());
  const std::optional<ClusteredDavidson> a = davidson_clustered(3, once);
  const std::optional<ClusteredDavidson> b = davidson_clustered(3, twice);
  ASSERT_TRUE(a && b);
  EXPECT_NEAR(a->differences[0][2].stderr_, b->differences[0][2].stderr_, 1e-9);
  EXPECT_NEAR(a->fit.difference_stderr(0, 2), b->fit.difference_stderr(0, 2) * std::sqrt(2), 1e-9);
}

TEST(DavidsonClustered, RefusesModelsThatAreNone) {
  const std::vector<PairRating> refused[] = {
      {{0, 0, V::kWin, 0, 0}}, {{-1, 0, V::kWin, 0, 0}}, {{0, 2, V::kWin, 0, 0}}};
  for (const auto& ratings : refused) EXPECT_THROW(davidson_clustered(2, ratings), Error);
  EXPECT_THROW(davidson_clustered(1, {}), Error);
  EXPECT_FALSE(davidson_clustered(2, {}));
  const std::vector<PairRating> one_cluster = {{0, 1, V::kWin, 3, 5}, {0, 1, V::kLoss, 3, 5}, {0, 1, V::kTie, 3, 5}};
  const std::optional<ClusteredDavidson> ours = davidson_clustered(2, one_cluster);
  ASSERT_TRUE(ours);
  EXPECT_NEAR(ours->differences[0][1].mean, 0, 1e-12);
  EXPECT_TRUE(std::isnan(ours->differences[0][1].stderr_) && std::isnan(ours->differences[0][1].interval.low));
}

}  // namespace
}  // namespace assay::scorers
