// Which runs have a calibration, and that it is one of the numbers that their headline compares.
#include "reports/run_calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/reports/made_report.h"

namespace assay::reports {
namespace {

using store::StoredSample;
using testing::made_run;
using testing::MadeRun;
using testing::MadeStore;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

StoredSample question(std::vector<double> logprobs, const std::string& metric, bool right) {
  StoredSample sample;
  sample.plan.continuations = {" one", " fifteen"};
  sample.response.emplace();
  sample.response->body = engine::LogLikelihoodResponse{std::move(logprobs), {}};
  sample.score = scorers::Score{{{metric, right ? 1.0 : 0.0}}, {}, std::nullopt};
  return sample;
}

store::Run headed(const std::string& metric) {
  store::Run run;
  run.metrics = {{metric, "", "", "micro"}};
  return run;
}

TEST(RunCalibration, TakesWhatTheHeadlineCompares) {
  // -3 / 3 characters against -7 / 7: equal by length.
  const struct {
    const char* metric;
    double confidence;
  } cases[] = {{"acc", 1 / (1 + std::exp(-4))}, {"acc_norm", 0.5}, {"acc_bytes", 0.5}};
  for (const auto& [metric, confidence] : cases) {
    const auto ours = calibration_of(headed(metric), {question({-3, -7}, metric, true)});
    ASSERT_TRUE(ours) << metric;
    EXPECT_EQ(ours->metric, metric);
    EXPECT_NEAR(ours->numbers.confidence, confidence, 1e-12) << metric;
    EXPECT_EQ(ours->numbers.accuracy, 1) << metric;
  }
}

TEST(RunCalibration, AnswersWithoutAConfidenceAreCounted) {
  StoredSample unanswered = question({-1, -2}, "acc", true);
  unanswered.response.reset();
  StoredSample unscored = question({-1, -2}, "acc", true);
  unscored.score.reset();
  StoredSample in_words = question({-1, -2}, "acc", true);
  in_words.response->body = engine::GenerateResponse{};
  const auto ours = calibration_of(
      headed("acc"), {question({-1, -2}, "acc", true), question({-1, kNaN}, "acc", true), question({-1}, "acc", false),
                      question({-1, -kInfinity}, "acc", true), unanswered, unscored, in_words});
  ASSERT_TRUE(ours);
  EXPECT_EQ(ours->numbers.n, 1);
  EXPECT_EQ(ours->numbers.left_out, 3);
  const auto none = calibration_of(headed("acc"), {question({-1, kNaN}, "acc", true)});
  ASSERT_TRUE(none);
  const store::Json json = calibration_json(none);
  EXPECT_EQ(json.at("n"), 0);
  EXPECT_EQ(json.at("ece"), nullptr);
  EXPECT_EQ(json.at("accuracy_low"), nullptr);
  EXPECT_EQ(json.at("bins"), store::Json::array());
}

TEST(RunCalibration, ThereIsNoneWhereItMakesNoSense) {
  const std::vector<StoredSample> samples = {question({-1, -2}, "acc", true)};
  EXPECT_FALSE(calibration_of(store::Run(), samples));  // not scored, or not yet
  EXPECT_FALSE(calibration_of(headed("exact_match"), samples));
  EXPECT_FALSE(calibration_of(headed("acc_norm"), samples));  // not scored by it
  EXPECT_FALSE(calibration_of(headed("acc"), {}));
  EXPECT_EQ(calibration_json(std::nullopt), nullptr);
}

TEST(RunCalibration, AReportHasThatOfTheBaselineToo) {
  MadeStore made;
  made.add("a", made_run("mmlu", 30, 20));
  made.add("b", {made_run("mmlu", 30, 10)});
  ReportOptions options;
  options.baseline = "a";
  const Report report = testing::report_of(made.store(), {"b", "a"}, options);
  ASSERT_TRUE(report.runs[0].calibration && report.runs[0].baseline_calibration && report.runs[1].calibration);
  EXPECT_EQ(report.runs[0].baseline_calibration->numbers.ece, report.runs[1].calibration->numbers.ece);
  EXPECT_NEAR(report.runs[0].calibration->numbers.accuracy, 1.0 / 3, 1e-12);
  EXPECT_FALSE(report.runs[1].baseline_calibration);
}

}  // namespace
}  // namespace assay::reports
