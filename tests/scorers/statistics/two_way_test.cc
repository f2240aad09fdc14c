// Means and shares of ratings in clusters two ways: designs whose errors are known, the ends, one rater; and what a set
// of ratings is able to find.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/error.h"
#include "scorers/statistics/clustered_mean.h"
#include "scorers/statistics/detectable_preference.h"
#include "scorers/statistics/mean.h"
#include "scorers/statistics/two_way_clustered_mean.h"
#include "scorers/statistics/two_way_clustered_share.h"
#include "scorers/statistics/wilson_interval.h"

namespace assay::scorers {
namespace {

using Values = std::vector<double>;
using Clusters = std::vector<int>;

struct Ratings {
  Values value;
  Clusters prompt;
  Clusters rater;
};

// Every rater judges every prompt: effects of both, and noise.
Ratings crossed(int prompts, int raters, double of_prompt, double of_rater, double noise) {
  std::mt19937 random(5);
  const auto uniform = [&] { return static_cast<double>(random()) / 4294967296.0 - 0.5; };
  Values rater_effect;
  for (int r = 0; r < raters; ++r) rater_effect.push_back(of_rater * uniform());
  Ratings result;
  for (int p = 0; p < prompts; ++p) {
    const double effect = of_prompt * uniform();
    for (int r = 0; r < raters; ++r) {
      result.value.push_back(effect + rater_effect[static_cast<size_t>(r)] + noise * uniform());
      result.prompt.push_back(p * 7 - 40);
      result.rater.push_back(1000 - r);
    }
  }
  return result;
}

TEST(TwoWayMean, IsTheSumOfTheWaysLessWhatTheyShare) {
  const Ratings data = crossed(30, 8, 1, 1, 0.5);
  const TwoWayMean ours = two_way_clustered_mean(data.value, data.prompt, data.rater);
  const double p = clustered_mean(data.value, data.prompt).stderr_;
  const double r = clustered_mean(data.value, data.rater).stderr_;
  const double both = mean_of(data.value).stderr_;  // nobody judged a prompt twice
  EXPECT_NEAR(ours.stderr_, std::sqrt(p * p + r * r - both * both), 1e-14);
  EXPECT_NEAR(ours.rater_stderr, std::sqrt(r * r - both * both), 1e-14);
  EXPECT_EQ(ours.prompts, 30);
  EXPECT_EQ(ours.raters, 8);
  EXPECT_EQ(ours.n, 240);
  EXPECT_NEAR(ours.mean, mean_of(data.value).mean, 1e-15);
  const double f = std::pow(ours.stderr_, 4) / (std::pow(p, 4) / 29 + std::pow(r, 4) / 7);
  EXPECT_NEAR(ours.freedom, f, 1e-9 * f);
}

TEST(TwoWayMean, NeverFallsBelowAOneWayError) {
  // Raters' means hardly differ: by rater the error is smaller than that of independent ratings.
  Ratings data = crossed(40, 4, 1, 0, 0.2);
  const TwoWayMean ours = two_way_clustered_mean(data.value, data.prompt, data.rater);
  EXPECT_NEAR(ours.stderr_, clustered_mean(data.value, data.prompt).stderr_, 1e-14);
  EXPECT_EQ(ours.rater_stderr, 0);
  EXPECT_GT(ours.freedom, 30);  // and is known as well as prompts are many
  const TwoWayMean turned = two_way_clustered_mean(data.value, data.rater, data.prompt);
  EXPECT_NEAR(turned.stderr_, ours.stderr_, 1e-14);
  EXPECT_NEAR(turned.freedom, ours.freedom, 1e-9);
}

TEST(TwoWayMean, LeavesOutAWayWithOneCluster) {
  const Ratings data = crossed(12, 1, 1, 0, 0.5);
  const TwoWayMean one_rater = two_way_clustered_mean(data.value, data.prompt, data.rater);
  EXPECT_NEAR(one_rater.stderr_, mean_of(data.value).stderr_, 1e-15);
  EXPECT_NEAR(one_rater.freedom, 11, 1e-9);
  EXPECT_TRUE(std::isnan(one_rater.rater_stderr));
  const TwoWayMean one_prompt = two_way_clustered_mean(data.value, data.rater, data.prompt);
  EXPECT_NEAR(one_prompt.stderr_, one_rater.stderr_, 1e-15);
  const TwoWayMean neither = two_way_clustered_mean(data.value, data.rater, data.rater);
  EXPECT_TRUE(std::isnan(neither.stderr_) && std::isnan(neither.freedom) && std::isnan(neither.interval.low));
  const TwoWayMean equal = two_way_clustered_mean(Values{1, 1, 1, 1}, Clusters{0, 0, 1, 1}, Clusters{0, 1, 0, 1});
  EXPECT_EQ(equal.stderr_, 0);
  EXPECT_EQ(equal.freedom, 1);
}

TEST(TwoWayMean, RepeatedRatingsOfOnePromptByOneRaterAreOneCluster) {
  const Ratings once = crossed(20, 4, 1, 0.5, 0.5);
  Ratings twice = once;
  twice.value.insert(twice.value.end(), once.value.begin(), once.value.end());
  twice.prompt.insert(twice.prompt.end(), once.prompt.begin(), once.prompt.end());
  twice.rater.insert(twice.rater.end(), once.rater.begin(), once.rater.end());
  const TwoWayMean a = two_way_clustered_mean(once.value, once.prompt, once.rater);
  const TwoWayMean b = two_way_clustered_mean(twice.value, twice.prompt, twice.rater);
  EXPECT_NEAR(a.stderr_, b.stderr_, 1e-14);
  const Values weights(once.value.size(), 3);
  const TwoWayMean weighted = two_way_clustered_mean(once.value, once.prompt, once.rater, weights);
  EXPECT_NEAR(weighted.stderr_, a.stderr_, 1e-14);
  EXPECT_NEAR(weighted.freedom, a.freedom, 1e-9);
}

TEST(TwoWayMean, BadInput) {
  EXPECT_THROW(two_way_clustered_mean({}, {}, {}), Error);
  EXPECT_THROW(two_way_clustered_mean(Values{1, 2}, Clusters{1, 2}, {}), Error);
  EXPECT_THROW(two_way_clustered_mean(Values{1, 2}, Clusters{1}, Clusters{1, 2}), Error);
  EXPECT_THROW(two_way_clustered_mean(Values{1, 2}, Clusters{1, 2}, Clusters{1, 2}, Values{1}), Error);
  EXPECT_THROW(two_way_clustered_mean(Values{1, 2}, Clusters{1, 2}, Clusters{1, 2}, {}, 1), Error);
}

Ratings shares(int prompts, int raters, int ones) {
  Ratings data = crossed(prompts, raters, 0, 0, 0);
  for (size_t i = 0; i < data.value.size(); ++i) data.value[i] = static_cast<int>(i) / raters < ones ? 1 : 0;
  return data;
}

TEST(TwoWayShare, HasAWidthAtTheEndsAndStaysInside) {
  for (const int raters : {1, 2, 5}) {
    for (const int prompts : {2, 10, 100}) {
      for (int ones = 0; ones <= prompts; ++ones) {
        const Ratings data = shares(prompts, raters, ones);
        const TwoWayShare ours = two_way_clustered_share(data.value, data.prompt, data.rater);
        EXPECT_GE(ours.interval.low, 0);
        EXPECT_LE(ours.interval.high, 1);
        EXPECT_LE(ours.interval.low, ours.mean.mean);
        EXPECT_GE(ours.interval.high, ours.mean.mean);
        EXPECT_GT(ours.interval.high - ours.interval.low, 0.01);
        EXPECT_LE(ours.effective, prompts + 1e-9) << "raters who always agree say what one says";
        const Ratings mirrored = shares(prompts, raters, prompts - ones);
        const TwoWayShare other = two_way_clustered_share(mirrored.value, mirrored.prompt, mirrored.rater);
        EXPECT_NEAR(ours.interval.low, 1 - other.interval.high, 1e-9);
      }
    }
  }
  const Ratings all = shares(60, 3, 60);
  const TwoWayShare ours = two_way_clustered_share(all.value, all.prompt, all.rater);
  EXPECT_TRUE(ours.few);
  EXPECT_NEAR(ours.effective, 60, 1e-9);
  const Values ties(all.value.size(), 0.5);
  const TwoWayShare tied = two_way_clustered_share(ties, all.prompt, all.rater);
  EXPECT_NEAR(tied.effective, 60, 1e-9);
  EXPECT_NEAR(tied.interval.low, 1 - tied.interval.high, 1e-12);
}

TEST(TwoWayShare, FewDifferingPromptsAreBounded) {
  // 59 prompts of three ties and one of three wins: two prompts' worth in (1.5 + 3).
  Ratings data = shares(60, 3, 0);
  for (size_t i = 0; i < data.value.size(); ++i) data.value[i] = i < 3 ? 1 : 0.5;
  const TwoWayShare ours = two_way_clustered_share(data.value, data.prompt, data.rater);
  EXPECT_TRUE(ours.few);
  EXPECT_NEAR(ours.effective, 180 * 2 / 4.5, 1e-9);
  // From the tenth prompt on their own error counts.
  const Ratings nine = shares(60, 3, 9);
  EXPECT_TRUE(two_way_clustered_share(nine.value, nine.prompt, nine.rater).few);
  const Ratings ten = shares(60, 3, 10);
  const TwoWayShare enough = two_way_clustered_share(ten.value, ten.prompt, ten.rater);
  EXPECT_FALSE(enough.few);
  EXPECT_NEAR(enough.effective, 59, 1e-9);
}

TEST(TwoWayShare, OneRaterWithManyPromptsIsCloseToWilson) {
  const Ratings data = shares(1000, 1, 300);
  const TwoWayShare ours = two_way_clustered_share(data.value, data.prompt, data.rater);
  const Interval wilson = wilson_interval(300, 1000);
  EXPECT_FALSE(ours.few);
  EXPECT_NEAR(ours.interval.low, wilson.low, 1e-4);
  EXPECT_NEAR(ours.interval.high, wilson.high, 1e-4);
}

TEST(TwoWayShare, RatersWhoAlwaysContradictEachOtherLeaveAnError) {
  // Every prompt has one win and one loss, and so has every rater as many of both.
  Ratings data = shares(40, 2, 0);
  for (size_t i = 0; i < data.value.size(); ++i) data.value[i] = (i + i / 2) % 2 == 0 ? 1 : 0;
  const TwoWayShare ours = two_way_clustered_share(data.value, data.prompt, data.rater);
  EXPECT_NEAR(ours.mean.stderr_, mean_of(data.value).stderr_, 1e-15);
  EXPECT_NEAR(ours.effective, 79, 1e-9);
  EXPECT_NEAR(ours.interval.high - 0.5, 0.1, 0.02);
}

TEST(TwoWayShare, EdgesAndBadInput) {
  const TwoWayShare one_prompt = two_way_clustered_share(Values{1, 0}, Clusters{3, 3}, Clusters{1, 2});
  EXPECT_EQ(one_prompt.mean.mean, 0.5);
  EXPECT_TRUE(std::isnan(one_prompt.interval.low) && std::isnan(one_prompt.effective));
  for (const double bad : {-0.1, 1.1, std::nan("")}) {
    EXPECT_THROW(two_way_clustered_share(Values{0, bad}, Clusters{1, 2}, Clusters{1, 1}), Error);
  }
  EXPECT_THROW(two_way_clustered_share({}, {}, {}), Error);
}

TEST(DetectablePreference, KnownMultiplesAndPrompts) {
  EXPECT_NEAR(detectable_preference({.stderr_ = 1}), 2.8015852, 1e-6);  // z of 0.975 and of 0.8
  EXPECT_NEAR(detectable_preference({.stderr_ = 0.02, .freedom = 4}), 0.02 * (2.7764451 + 0.9409646), 1e-8);
  EXPECT_EQ(detectable_preference({.stderr_ = 0}), 0);
  // Half the difference needs four times the prompts, and raters set a floor.
  const PreferencePlan plan{.stderr_ = 0.05};
  const double found = detectable_preference(plan);
  EXPECT_EQ(prompts_to_detect(plan, 100, found * 1.0000001), 100);
  EXPECT_EQ(prompts_to_detect(plan, 100, -found / 2.0000001), 401);
  const PreferencePlan raters{.stderr_ = 0.05, .rater_stderr = 0.03};
  EXPECT_EQ(prompts_to_detect(raters, 100, detectable_preference({.stderr_ = 0.034}) * 1.0000001), 625);
  EXPECT_EQ(prompts_to_detect(raters, 100, detectable_preference({.stderr_ = 0.03})), std::nullopt);
  EXPECT_EQ(prompts_to_detect(plan, 100, 1e-300), std::nullopt);
  EXPECT_EQ(prompts_to_detect({.stderr_ = 0}, 100, 0.1), 1);
  EXPECT_EQ(prompts_to_detect({.stderr_ = 0.05, .rater_stderr = std::nan("")}, 100, found * 1.0000001), 100);
}

TEST(DetectablePreference, BadInput) {
  const double nan = std::nan("");
  const PreferencePlan refused[] = {{.stderr_ = nan},
                                    {.stderr_ = -1},
                                    {.stderr_ = 1, .freedom = 0},
                                    {.stderr_ = 1, .rater_stderr = 2},
                                    {.stderr_ = 1, .rater_stderr = -0.1},
                                    {.stderr_ = 1, .alpha = 0},
                                    {.stderr_ = 1, .power = 1},
                                    {.stderr_ = 1, .power = 0.4}};
  for (const PreferencePlan& plan : refused) {
    EXPECT_THROW(detectable_preference(plan), Error);
    EXPECT_THROW(prompts_to_detect(plan, 10, 0.1), Error);
  }
  EXPECT_THROW(prompts_to_detect({.stderr_ = 1}, 0, 0.1), Error);
  EXPECT_THROW(prompts_to_detect({.stderr_ = 1}, 10, 0), Error);
  EXPECT_THROW(prompts_to_detect({.stderr_ = 1}, 10, nan), Error);
}

}  // namespace
}  // namespace assay::scorers
