// aggregate(): which metrics come out, in which order, with which errors and intervals.
#include "scorers/metrics.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "scorers/statistics/wilson_interval.h"

namespace assay::scorers {
namespace {

const std::vector<Scorer::ScoreName> kAcc = {{"acc", "acc", ""}};

// `right` ones and then noughts.
void add(std::vector<ScoredSample>& samples, const std::string& subset, int right, int n,
         const std::string& score = "acc") {
  for (int i = 0; i < n; ++i) samples.push_back({subset, "", {{score, i < right ? 1.0 : 0.0}}});
}

std::string line(const Metric& m) {
  return fmt::format("{}|{}|{}|{}|{}", m.name, m.filter, m.subset, m.average, m.n);
}

std::vector<std::string> lines(const std::vector<Metric>& metrics) {
  std::vector<std::string> all;
  for (const Metric& metric : metrics) all.push_back(line(metric));
  return all;
}

TEST(Aggregate, OneNamelessPartIsOneMetric) {
  std::vector<ScoredSample> samples;
  add(samples, "", 61, 164);
  const std::vector<Metric> metrics = aggregate(kAcc, samples, {});
  ASSERT_EQ(lines(metrics), std::vector<std::string>{"acc|||micro|164"});
  EXPECT_EQ(metrics[0].value, 61.0 / 164);
  EXPECT_NEAR(metrics[0].stderr_, 0.037856972501334345, 1e-15);
  EXPECT_NEAR(metrics[0].low, 0.3017028864828616, 1e-12);
  EXPECT_NEAR(metrics[0].high, 0.44806096629162584, 1e-12);
}

TEST(Aggregate, WholeThenGroupsThenSubsetsHeadlineFirst) {
  std::vector<ScoredSample> samples;
  add(samples, "a", 1, 2);
  add(samples, "b", 3, 6);
  add(samples, "c", 4, 4);
  Averaging averaging;
  averaging.headline = "macro";
  averaging.groups = {{"first", {"a", "b"}}, {"second", {"c"}}, {"absent", {"d"}}};
  const std::vector<Metric> metrics = aggregate(kAcc, samples, averaging);
  EXPECT_EQ(lines(metrics),
            (std::vector<std::string>{"acc|||macro|12", "acc|||micro|12", "acc||first|macro|8", "acc||first|micro|8",
                                      "acc||second|micro|4", "acc||a|micro|2", "acc||b|micro|6", "acc||c|micro|4"}));
  EXPECT_NEAR(metrics[0].value, 2.0 / 3, 1e-15);
  EXPECT_EQ(metrics[1].value, 8.0 / 12);
  averaging.headline = "micro";
  EXPECT_EQ(line(aggregate(kAcc, samples, averaging)[0]), "acc|||micro|12");
}

// golden/statistics/aggregation.json, "two equal subtasks".
TEST(Aggregate, StandardErrorsOfTheTwoAverages) {
  std::vector<ScoredSample> samples;
  add(samples, "a", 30, 100);
  add(samples, "b", 60, 100);
  Averaging averaging;
  const std::vector<Metric> pooled = aggregate(kAcc, samples, averaging);
  EXPECT_NEAR(pooled[0].stderr_, 0.033709993123162106, 1e-15);
  EXPECT_NEAR(pooled[1].stderr_, 0.033709993123162106, 1e-15);
  EXPECT_NEAR(pooled[1].low, 0.45 - 1.959963984540054 * 0.033709993123162106, 1e-12);
  averaging.group_stderr = "samples";
  const std::vector<Metric> together = aggregate(kAcc, samples, averaging);
  EXPECT_NEAR(together[0].stderr_, 0.03526639466921483, 1e-15);
  for (const Metric& micro : {pooled[0], together[0]}) {
    EXPECT_EQ(micro.low, wilson_interval(90, 200).low);
    EXPECT_EQ(micro.high, wilson_interval(90, 200).high);
  }
}

TEST(Aggregate, AMacroIntervalOfSharesStaysInsideThem) {
  std::vector<ScoredSample> samples;
  add(samples, "a", 3, 3);
  add(samples, "b", 2, 3);
  const Metric macro = aggregate(kAcc, samples, {})[1];
  EXPECT_EQ(macro.average, "macro");
  EXPECT_EQ(macro.high, 1);
  EXPECT_GT(macro.low, 0);
}

TEST(Aggregate, AMacroAverageOfPerfectSubsetsIsNotCertain) {
  for (const int right : {0, 30}) {
    std::vector<ScoredSample> samples;
    add(samples, "a", right, 30);
    add(samples, "b", right, 30);
    const Metric macro = aggregate(kAcc, samples, {})[1];
    EXPECT_EQ(macro.stderr_, 0);
    EXPECT_EQ(macro.low, wilson_interval(2 * right, 60).low);
    EXPECT_EQ(macro.high, wilson_interval(2 * right, 60).high);
  }
}

TEST(Aggregate, OneSampleHasNoStandardErrorButAnInterval) {
  std::vector<ScoredSample> samples;
  add(samples, "", 1, 1);
  const Metric metric = aggregate(kAcc, samples, {})[0];
  EXPECT_EQ(metric.value, 1);
  EXPECT_TRUE(std::isnan(metric.stderr_));
  EXPECT_GT(metric.low, 0);
  EXPECT_EQ(metric.high, 1);
}

// agieval_en under lm_eval: math is generated and has no acc_norm; humaneval without execution has nothing at all.
TEST(Aggregate, ASampleThatLacksAScoreDoesNotCountInIt) {
  std::vector<ScoredSample> samples;
  add(samples, "math", 1, 2);
  samples.push_back({"sat", "", {{"acc", 1.0}, {"acc_norm", 0.0}}});
  const std::vector<Scorer::ScoreName> names = {{"acc", "acc", ""}, {"acc_norm", "acc_norm", ""}};
  EXPECT_EQ(lines(aggregate(names, samples, {})),
            (std::vector<std::string>{"acc|||micro|3", "acc|||macro|3", "acc_norm|||micro|1", "acc||math|micro|2",
                                      "acc||sat|micro|1", "acc_norm||sat|micro|1"}));
  EXPECT_TRUE(aggregate({{"passed", "pass@1", ""}}, {{"", "", {}}}, {}).empty());
  EXPECT_TRUE(aggregate(kAcc, {}, {}).empty());
}

// agieval_en under llama3: two of ten subsets are told but not averaged.
TEST(Aggregate, OnlyTheAveragedSubsetsMakeTheWhole) {
  std::vector<ScoredSample> samples;
  add(samples, "math", 0, 10);
  add(samples, "sat", 3, 4);
  Averaging averaging;
  averaging.averaged_subsets = {"sat", "lsat"};
  const std::vector<Metric> metrics = aggregate(kAcc, samples, averaging);
  EXPECT_EQ(lines(metrics), (std::vector<std::string>{"acc|||micro|4", "acc||math|micro|10", "acc||sat|micro|4"}));
  EXPECT_EQ(metrics[0].value, 0.75);
}

TEST(Aggregate, EachFilterIsAMetric) {
  const std::vector<ScoredSample> samples = {{"", "", {{"strict-match", 0.0}, {"flexible-extract", 1.0}}}};
  const std::vector<Metric> metrics = aggregate(
      {{"strict-match", "exact_match", "strict-match"}, {"flexible-extract", "exact_match", "flexible-extract"}},
      samples, {});
  EXPECT_EQ(lines(metrics),
            (std::vector<std::string>{"exact_match|strict-match||micro|1", "exact_match|flexible-extract||micro|1"}));
  EXPECT_EQ(metrics[0].value, 0);
  EXPECT_EQ(metrics[1].value, 1);
}

TEST(Aggregate, FractionsHaveANormalInterval) {
  std::vector<ScoredSample> samples;
  for (const double x : {0.0, 0.5, 0.25, 1.0}) samples.push_back({"", "", {{"acc", x}}});
  const Metric metric = aggregate(kAcc, samples, {})[0];
  EXPECT_NEAR(metric.high - metric.low, 2 * 1.959963984540054 * metric.stderr_, 1e-12);
}

TEST(Aggregate, PerplexityIsARatioOfSums) {
  const std::vector<Scorer::ScoreName> names = {{"logprob", "perplexity", ""}, {"logprob", "bits_per_byte", ""}};
  std::vector<ScoredSample> samples = {{"", "", {{"logprob", -30.0}, {"tokens", 10.0}, {"bytes", 40.0}}}};
  std::vector<Metric> metrics = aggregate(names, samples, {});
  ASSERT_EQ(metrics.size(), 2u);
  EXPECT_NEAR(metrics[0].value, std::exp(3.0), 1e-12);
  EXPECT_NEAR(metrics[1].value, 30.0 / 40 / std::log(2.0), 1e-12);
  EXPECT_TRUE(std::isnan(metrics[0].stderr_));
  samples.push_back({"", "", {{"logprob", -10.0}, {"tokens", 10.0}, {"bytes", 60.0}}});
  metrics = aggregate(names, samples, {});
  EXPECT_NEAR(metrics[0].value, std::exp(2.0), 1e-12);
  EXPECT_NEAR(metrics[1].value, 40.0 / 100 / std::log(2.0), 1e-12);
  // Rate 2, residuals +10 and -10: sqrt(2/1 · 200) / 20 = 1.
  EXPECT_NEAR(metrics[0].stderr_, std::exp(2.0), 1e-12);
  EXPECT_NEAR(metrics[0].high, std::exp(2.0 + 1.959963984540054), 1e-9);
  EXPECT_EQ(metrics[0].n, 2);
}

TEST(Aggregate, UnknownWordsAreRefused) {
  EXPECT_THROW(aggregate(kAcc, {}, {"mikro", "pooled", {}, {}}), Error);
  EXPECT_THROW(aggregate(kAcc, {}, {"micro", "pool", {}, {}}), Error);
}

}  // namespace
}  // namespace assay::scorers
