// Gates: passed, regressed, inconclusive, over one task and over several.
#include "reports/gate.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "reports/run_pairs.h"
#include "scorers/statistics/multiple_comparisons.h"
#include "tests/reports/made_runs.h"

namespace assay::reports {
namespace {

using testing::MadeRun;
using testing::MadeStore;

// A run and its successor: of `n` samples `lost` are right only before, `won` only after; three in four are right.
std::pair<MadeRun, MadeRun> change(int n, int lost, int won, const std::string& task = "mmlu") {
  std::vector<double> before(static_cast<size_t>(n), 0.0);
  for (int i = 0; i < 3 * n / 4; ++i) before[static_cast<size_t>(i)] = 1;
  std::vector<double> after = before;
  for (int i = 0; i < lost; ++i) after[static_cast<size_t>(i)] = 0;
  for (int i = 0; i < won; ++i) after[static_cast<size_t>(n - 1 - i)] = 1;
  MadeRun a{testing::scored(before)};
  MadeRun b{testing::scored(after)};
  a.task = b.task = task;
  return {a, b};
}

GateReport gate(MadeStore& made, const std::vector<std::pair<MadeRun, MadeRun>>& tasks, GateReportOptions options) {
  std::vector<MadeRun> before;
  std::vector<MadeRun> after;
  for (const auto& [a, b] : tasks) {
    before.push_back(a);
    after.push_back(b);
  }
  made.add("before", before);
  made.add("after", after);
  return gate_runs(made.store(), pair_tasks(made.store(), "before", "after").pairs, options);
}

TEST(Gate, Verdicts) {
  struct Case {
    int n, lost, won;
    double margin;
    GateVerdict verdict;
    bool number;  // how many samples would settle it
  };
  const Case cases[] = {
      {2000, 40, 40, 2, GateVerdict::kPassed, false},     {2000, 200, 60, 2, GateVerdict::kRegressed, false},
      {200, 20, 20, 2, GateVerdict::kInconclusive, true}, {2000, 70, 30, 2, GateVerdict::kInconclusive, false},
      {2000, 0, 0, 1, GateVerdict::kPassed, false},       {20, 0, 0, 1, GateVerdict::kInconclusive, true},
      {1, 0, 0, 1, GateVerdict::kInconclusive, false},    {2000, 110, 0, 6, GateVerdict::kInconclusive, true},
      {2000, 60, 200, 0.5, GateVerdict::kPassed, false},
  };
  for (const Case& c : cases) {
    for (const bool sequential : {false, true}) {
      MadeStore made;
      GateReportOptions options;
      options.margin_points = c.margin;
      options.sequential = sequential;
      const GateReport report = gate(made, {change(c.n, c.lost, c.won)}, options);
      const GateTask& task = report.tasks.front();
      const std::string what = gate_text(report);
      EXPECT_TRUE(what.ends_with("verdict: " + to_string(report.verdict) + "\n")) << what;
      if (!sequential) {
        EXPECT_EQ(report.verdict, c.verdict) << what;
        EXPECT_EQ(task.samples_to_settle.has_value(), c.number) << what;
        EXPECT_GT(task.samples_to_settle.value_or(c.n + 1), c.n) << what;
        // The verdict and the limits say the same.
        EXPECT_EQ(report.verdict == GateVerdict::kRegressed, task.limits.high < -c.margin / 100) << what;
        EXPECT_EQ(report.verdict == GateVerdict::kPassed, task.limits.low > -c.margin / 100) << what;
      } else if (report.verdict != GateVerdict::kInconclusive) {
        EXPECT_EQ(report.verdict, c.verdict) << "a sequential gate is slower, not of another mind: " << what;
      }
    }
  }
}

TEST(Gate, OneRegressedTaskDecidesAndAllMustPass) {
  GateReportOptions options;
  options.margin_points = 2;
  {
    MadeStore made;
    const GateReport report =
        gate(made, {change(2000, 40, 40, "x"), change(2000, 200, 60, "y"), change(200, 20, 20, "z")}, options);
    EXPECT_EQ(report.verdict, GateVerdict::kRegressed);
    EXPECT_NE(gate_text(report).find("verdict: regressed (y)\n"), std::string::npos);
  }
  {
    MadeStore made;
    const GateReport report = gate(made, {change(2000, 40, 40, "x"), change(200, 20, 20, "z")}, options);
    EXPECT_EQ(report.verdict, GateVerdict::kInconclusive);
    EXPECT_NE(gate_text(report).find("verdict: inconclusive (z)\n"), std::string::npos);
  }
  MadeStore made;
  const GateReport report = gate(made, {change(2000, 40, 40, "x"), change(3000, 40, 40, "z")}, options);
  EXPECT_EQ(report.verdict, GateVerdict::kPassed);
}

TEST(Gate, HolmKeepsManyTasksFromRegressingByChance) {
  // 86 lost and 26 won of 2,000 are worse than a margin of 2 points with p 0.03: enough alone, not among five.
  GateReportOptions options;
  options.margin_points = 2;
  const auto suspect = change(2000, 86, 26, "t0");
  {
    MadeStore made;
    const GateReport alone = gate(made, {suspect}, options);
    ASSERT_LT(alone.tasks[0].p_inferior, 0.05);
    ASSERT_GT(alone.tasks[0].p_inferior, 0.01);
    EXPECT_EQ(alone.verdict, GateVerdict::kRegressed);
  }
  MadeStore made;
  std::vector<std::pair<MadeRun, MadeRun>> tasks = {suspect};
  for (int i = 1; i < 5; ++i) tasks.push_back(change(2000, 40, 40, "t" + std::to_string(i)));
  const GateReport report = gate(made, tasks, options);
  EXPECT_EQ(report.verdict, GateVerdict::kInconclusive);
  std::vector<double> p;
  for (const GateTask& task : report.tasks) p.push_back(task.p_inferior);
  EXPECT_DOUBLE_EQ(report.tasks[0].p_inferior_holm, scorers::holm(p)[0]);
}

TEST(Gate, ASequentialGateTakesAnUnfinishedCandidate) {
  MadeStore made;
  auto [before, after] = change(400, 10, 10);
  for (size_t i = 300; i < 400; ++i) after.samples[i].answered = false;
  made.add("before", before);
  made.add("after", after);
  const auto pairs = pair_tasks(made.store(), "before", "after").pairs;
  GateReportOptions options;
  options.margin_points = 5;
  EXPECT_THROW(gate_runs(made.store(), pairs, options), Error);
  options.sequential = true;
  EXPECT_EQ(gate_runs(made.store(), pairs, options).tasks.front().n, 300);
}

TEST(Gate, ASequentialGateCountsWholeClustersAlone) {
  MadeStore made;
  auto [before, after] = change(400, 10, 10);
  for (size_t i = 0; i < 400; ++i) {
    before.samples[i].cluster = after.samples[i].cluster = "c" + std::to_string(i / 10);
  }
  for (size_t i = 295; i < 400; ++i) after.samples[i].answered = false;
  made.add("before", before);
  made.add("after", after);
  GateReportOptions options;
  options.margin_points = 5;
  options.sequential = true;
  const GateReport report = gate_runs(made.store(), pair_tasks(made.store(), "before", "after").pairs, options);
  EXPECT_EQ(report.tasks.front().n, 290) << "the thirtieth cluster has only begun";
  EXPECT_EQ(report.tasks.front().clusters, 29);
}

TEST(Gate, NothingAnsweredYetIsInconclusive) {
  MadeStore made;
  auto [before, after] = change(40, 0, 0);
  for (auto& sample : after.samples) sample.answered = false;
  made.add("before", before);
  made.add("after", after);
  GateReportOptions options;
  options.margin_points = 5;
  options.sequential = true;
  const GateReport report = gate_runs(made.store(), pair_tasks(made.store(), "before", "after").pairs, options);
  EXPECT_EQ(report.verdict, GateVerdict::kInconclusive);
  EXPECT_EQ(report.tasks.front().n, 0);
}

TEST(Gate, WhatMayNotBeComparedMayNotPass) {
  MadeStore made;
  auto [before, after] = change(400, 10, 10);
  after.manifest["asked"]["shots"] = 0;
  GateReportOptions options;
  options.margin_points = 5;
  EXPECT_THROW(gate(made, {{before, after}}, options), Error);
  options.allow = {"shots"};
  const GateReport report = gate_runs(made.store(), pair_tasks(made.store(), "before", "after").pairs, options);
  EXPECT_NE(gate_text(report).find("COMPARED ALL THE SAME, by --allow: asked.shots is 5 and 0"), std::string::npos);
}

TEST(Gate, OptionsThatMeanNothingAreRefused) {
  const auto refused = [](auto set) {
    MadeStore made;
    GateReportOptions options;
    options.margin_points = 1;
    set(options);
    try {
      gate(made, {change(8, 0, 0)}, options);
      return false;
    } catch (const Error& error) {
      return error.code() == ExitCode::kUsage;
    }
  };
  for (const double margin : {0.0, -1.0, 101.0, std::nan("")}) {
    EXPECT_TRUE(refused([=](GateReportOptions& o) { o.margin_points = margin; })) << margin;
  }
  for (const double alpha : {0.0, 0.5, -0.1, std::nan("")}) {
    EXPECT_TRUE(refused([=](GateReportOptions& o) { o.alpha = alpha; })) << alpha;
  }
  for (const double power : {0.3, 1.0, std::nan("")}) {
    EXPECT_TRUE(refused([=](GateReportOptions& o) { o.power = power; })) << power;
  }
}

}  // namespace
}  // namespace assay::reports
