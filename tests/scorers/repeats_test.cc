// Several answers to one item: one sample with their mean, and pass@k.
#include "scorers/repeats.h"

#include <gtest/gtest.h>

#include <cmath>

namespace assay::scorers {
namespace {

const std::vector<Scorer::ScoreName> kCode = {{"passed", "pass@1", ""}};

// Answers to items of one subset: `answers` each, of which the i-th item has passes[i] right.
std::vector<ScoredSample> answered(const std::vector<int>& passes, int answers) {
  std::vector<ScoredSample> samples;
  for (int repeat = 0; repeat < answers; ++repeat) {
    for (size_t item = 0; item < passes.size(); ++item) {
      samples.push_back({"", "", {{"passed", repeat < passes[item] ? 1.0 : 0.0}}, "item/" + std::to_string(item)});
    }
  }
  return samples;
}

// Chen et al. 2021, their own numerically stable form: 1 − Π (1 − k/i) for i = n−c+1 .. n.
double by_the_paper(int n, int c, int k) {
  if (n - c < k) return 1;
  double none = 1;
  for (int i = n - c + 1; i <= n; ++i) none *= 1 - static_cast<double>(k) / i;
  return 1 - none;
}

TEST(Repeats, ReportedKAreThoseOfHumanEvalAndAll) {
  const std::pair<int64_t, std::vector<int64_t>> cases[] = {
      {0, {}}, {1, {1}}, {5, {1, 5}}, {10, {1, 10}}, {20, {1, 10, 20}}, {100, {1, 10, 100}}, {200, {1, 10, 100, 200}}};
  for (const auto& [answers, expected] : cases) EXPECT_EQ(reported_k(answers), expected) << answers;
}

TEST(Repeats, PassAtKIsTheMeanOfTheEstimatesOverItems) {
  const std::vector<int> passes = {0, 1, 3, 10, 17, 20};
  const std::vector<Metric> metrics = aggregate(kCode, answered(passes, 20), {});
  ASSERT_EQ(metrics.size(), 3u);
  const int ks[] = {1, 10, 20};
  for (size_t i = 0; i < 3; ++i) {
    double sum = 0;
    double squares = 0;
    for (const int c : passes) sum += by_the_paper(20, c, ks[i]);
    const double mean = sum / 6;
    for (const int c : passes) squares += std::pow(by_the_paper(20, c, ks[i]) - mean, 2);
    EXPECT_EQ(metrics[i].name, "pass@" + std::to_string(ks[i]));
    EXPECT_NEAR(metrics[i].value, mean, 1e-12);
    EXPECT_NEAR(metrics[i].stderr_, std::sqrt(squares / 5 / 6), 1e-12);
    EXPECT_EQ(metrics[i].n, 6) << "items, not answers";
    EXPECT_GE(metrics[i].low, 0);
    EXPECT_LE(metrics[i].high, 1);
    EXPECT_LT(metrics[i].low, metrics[i].value);
    EXPECT_GT(metrics[i].high, metrics[i].value);
  }
}

TEST(Repeats, TheItemWithFewestAnswersDecidesK) {
  std::vector<ScoredSample> samples = answered({2, 9}, 12);
  samples.push_back({"", "", {{"passed", 1.0}}, "item/late"});
  EXPECT_EQ(aggregate(kCode, samples, {}).size(), 1u) << "pass@1 alone";
  samples.pop_back();
  samples.pop_back();
  EXPECT_EQ(aggregate(kCode, samples, {}).back().name, "pass@11");
}

TEST(Repeats, OtherScoresAreMeansAndItemsKeepApart) {
  const std::vector<Scorer::ScoreName> acc = {{"acc", "acc", ""}};
  const std::vector<ScoredSample> samples = {{"a", "x", {{"acc", 1.0}}, "1"},
                                             {"a", "x", {{"acc", 0.0}}, "1"},
                                             {"b", "", {{"acc", 1.0}}, "1"},
                                             {"b", "", {{"acc", 0.0}}},
                                             {"b", "", {{"acc", 0.0}}}};
  const auto [names, joined] = join_repeats(acc, samples);
  ASSERT_EQ(names.size(), 1u);
  ASSERT_EQ(joined.size(), 4u);
  EXPECT_EQ(joined[0].values.at("acc"), 0.5);
  EXPECT_EQ(joined[0].cluster, "x");
  EXPECT_EQ(joined[1].values.at("acc"), 1);
  EXPECT_EQ(joined[1].subset, "b");
  EXPECT_EQ(aggregate(acc, samples, {})[0].value, 1.5 / 4);
}

}  // namespace
}  // namespace assay::scorers
