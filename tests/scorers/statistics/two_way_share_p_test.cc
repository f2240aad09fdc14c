// The p-value of a share of ratings and its interval never disagree.
#include "scorers/statistics/two_way_share_p.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"

namespace assay::scorers {
namespace {

TEST(TwoWayShareP, IsTheIntervalTurnedAround) {
  std::vector<double> value;
  std::vector<int> prompt;
  std::vector<int> rater;
  for (int p = 0; p < 60; ++p) {
    for (int r = 0; r < 3; ++r) {
      value.push_back(((p * 7 + r * 3) % 10) < 6 ? 1 : (p % 3 == 0 ? 0.5 : 0));
      prompt.push_back(p);
      rater.push_back((p + 2 * r) % 7);
    }
  }
  for (const double level : {0.5, 0.9, 0.95, 0.999}) {
    const TwoWayShare share = two_way_clustered_share(value, prompt, rater, level);
    EXPECT_NEAR(two_way_share_p(share, share.interval.low), 1 - level, 1e-9);
    EXPECT_NEAR(two_way_share_p(share, share.interval.high), 1 - level, 1e-9);
    EXPECT_EQ(two_way_share_p(share, share.mean.mean), 1);
  }
}

TEST(TwoWayShareP, AllAlikeIsAsManyRatingsAsPrompts) {
  const std::vector<int> prompt = {0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5};
  const std::vector<int> rater = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1};
  const TwoWayShare won = two_way_clustered_share(std::vector<double>(12, 1), prompt, rater);
  EXPECT_NEAR(two_way_share_stderr(won), 0.5 / std::sqrt(6), 1e-15);
  EXPECT_GT(two_way_share_p(won), 0);
  const TwoWayShare tied = two_way_clustered_share(std::vector<double>(12, 0.5), prompt, rater);
  EXPECT_EQ(two_way_share_p(tied), 1);
}

TEST(TwoWayShareP, OnePromptGivesNoneAndAHypothesisLiesInside) {
  const TwoWayShare one =
      two_way_clustered_share(std::vector<double>{1, 0}, std::vector<int>{0, 0}, std::vector<int>{0, 1});
  EXPECT_TRUE(std::isnan(two_way_share_p(one)));
  EXPECT_THROW(two_way_share_p(one, 0), Error);
  EXPECT_THROW(two_way_share_p(one, 1), Error);
}

}  // namespace
}  // namespace assay::scorers
