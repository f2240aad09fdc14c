// Kappa and alpha where the golden files are silent: published values, laws that hold by definition, bad input.
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "scorers/statistics/cohen_kappa.h"
#include "scorers/statistics/fleiss_kappa.h"
#include "scorers/statistics/krippendorff_alpha.h"

namespace assay::scorers {
namespace {

using Ratings = std::vector<std::vector<std::optional<double>>>;
constexpr std::nullopt_t kNone = std::nullopt;

TEST(KrippendorffAlpha, PublishedExampleOfThreeRaters) {
  const Ratings ratings = {
      {kNone, kNone, kNone, kNone, kNone, 3, 4, 1, 2, 1, 1, 3, 3, kNone, 3},
      {1, kNone, 2, 1, 3, 3, 4, 3, kNone, kNone, kNone, kNone, kNone, kNone, kNone},
      {kNone, kNone, 2, 1, 3, 4, 4, kNone, 2, 1, 1, 3, 3, kNone, 4},
  };
  EXPECT_NEAR(krippendorff_alpha(ratings, Scale::kNominal), 0.691, 5e-4);
  EXPECT_NEAR(krippendorff_alpha(ratings, Scale::kInterval), 0.811, 5e-4);
}

TEST(KrippendorffAlpha, ScalesAndEdges) {
  const Ratings ratings = {{1, 2, 3, 3, 2, kNone}, {1, 3, 3, 2, 2, 1}, {kNone, 2, 3, 3, 1, kNone}};
  Ratings stretched = ratings;
  for (auto& row : stretched) {
    for (auto& value : row) {
      if (value) value = -7 + 5 * *value * *value;
    }
  }
  // Orders survive a rising change of the values, intervals do not.
  EXPECT_NEAR(krippendorff_alpha(ratings, Scale::kOrdinal), krippendorff_alpha(stretched, Scale::kOrdinal), 1e-12);
  EXPECT_NEAR(krippendorff_alpha(ratings, Scale::kNominal), krippendorff_alpha(stretched, Scale::kNominal), 1e-12);
  EXPECT_GT(std::abs(krippendorff_alpha(ratings, Scale::kInterval) - krippendorff_alpha(stretched, Scale::kInterval)),
            1e-3);
  EXPECT_TRUE(std::isnan(krippendorff_alpha({}, Scale::kNominal)));
  EXPECT_TRUE(std::isnan(krippendorff_alpha(Ratings{{1, 2, 3}}, Scale::kNominal)));
  EXPECT_TRUE(std::isnan(krippendorff_alpha(Ratings{{1, kNone}, {kNone, 2}}, Scale::kNominal)));
  EXPECT_THROW(krippendorff_alpha(Ratings{{1, 2}, {1}}, Scale::kNominal), Error);
  EXPECT_THROW(krippendorff_alpha(Ratings{{1, std::nan("")}, {1, 2}}, Scale::kNominal), Error);
}

TEST(CohenKappa, WeightsAndEdges) {
  const Matrix table = {{9, 3, 1}, {2, 11, 4}, {0, 5, 8}};
  Matrix turned(3, std::vector<double>(3));
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 3; ++j) turned[i][j] = table[j][i];
  }
  for (const KappaWeights weights : {KappaWeights::kNone, KappaWeights::kLinear, KappaWeights::kQuadratic}) {
    const CohenKappa ours = cohen_kappa(table, weights);
    EXPECT_NEAR(ours.kappa, cohen_kappa(turned, weights).kappa, 1e-12);
    EXPECT_NEAR(ours.stderr_, cohen_kappa(turned, weights).stderr_, 1e-12);
    EXPECT_NEAR(ours.kappa, (ours.agreement - ours.by_chance) / (1 - ours.by_chance), 1e-15);
    // The delta method's error against the jackknife's, which is close to it with 43 items.
    double squares = 0;
    double n = 0;
    for (size_t i = 0; i < 3; ++i) {
      for (size_t j = 0; j < 3; ++j) {
        n += table[i][j];
        if (table[i][j] == 0) continue;
        Matrix less = table;
        less[i][j] -= 1;
        squares += table[i][j] * std::pow(cohen_kappa(less, weights).kappa - ours.kappa, 2);
      }
    }
    EXPECT_NEAR(ours.stderr_, std::sqrt(squares * (n - 1) / n), 0.06 * ours.stderr_);
    EXPECT_EQ(cohen_kappa({{4, 0}, {0, 3}}, weights).kappa, 1);
    EXPECT_TRUE(std::isnan(cohen_kappa({{4, 0}, {0, 0}}, weights).kappa));
  }
  // Independent judgements: κ = 0, and both errors are the same.
  const CohenKappa chance = cohen_kappa({{8, 4}, {16, 8}}, KappaWeights::kLinear);
  EXPECT_NEAR(chance.kappa, 0, 1e-15);
  EXPECT_NEAR(chance.stderr_, chance.stderr_null, 1e-15);
  const Matrix refused[] = {{}, {{1}}, {{1, 2}, {1}}, {{1, -1}, {1, 1}}, {{0, 0}, {0, 0}}, {{1, std::nan("")}, {1, 1}}};
  for (const Matrix& bad : refused) EXPECT_THROW(cohen_kappa(bad), Error);
}

TEST(FleissKappa, EdgesAndBadInput) {
  EXPECT_TRUE(std::isnan(fleiss_kappa({{3, 0}, {3, 0}}).kappa));
  EXPECT_NEAR(fleiss_kappa({{1, 1}, {1, 1}}).kappa, -1, 1e-15);
  const Matrix refused[] = {{}, {{}}, {{1, 0}}, {{2, 0}, {1, 0}}, {{2, 0}, {2}}, {{3, -1}}, {{std::nan(""), 2}}};
  for (const Matrix& bad : refused) EXPECT_THROW(fleiss_kappa(bad), Error);
}

}  // namespace
}  // namespace assay::scorers
