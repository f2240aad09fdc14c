// Calibration against golden/calibration.json (made by the script beside it), its laws, and what has none.
#include "scorers/statistics/calibration.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "scorers/statistics/option_values.h"
#include "tests/scorers/statistics/golden.h"

namespace assay::scorers {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// How far the error by chance of the normal law may be from the exact one: a bin of one answer is not normal.
double allowed_by_chance(int64_t n) {
  return n >= 100 ? 0.003 : n >= 50 ? 0.01 : 0.1;
}

TEST(Calibration, AsComputedApart) {
  Golden golden("tests/scorers/statistics/golden", "calibration.json", 1e-12, 1e-13);
  for (const auto& c : golden.cases()) {
    const std::string name = c["name"];
    std::vector<ConfidentAnswer> answers;
    for (size_t i = 0; i < c["values"].size(); ++i) {
      answers.push_back({choice_confidence(c["values"][i].get<std::vector<double>>()), c["right"][i] == 1});
    }
    const Calibration ours = calibration(answers);
    EXPECT_EQ(ours.n, c["n"]) << name;
    EXPECT_EQ(ours.left_out, c["left_out"]) << name;
    golden.equal(ours.confidence, c["confidence"], name + ": confidence");
    golden.equal(ours.accuracy, c["accuracy"], name + ": accuracy");
    golden.equal(ours.interval, c["interval"], name + ": interval");
    golden.equal(ours.ece, c["ece"], name + ": ECE");
    golden.equal(ours.brier, c["brier"], name + ": Brier score");
    if (ours.n > 0) {
      golden.within(ours.ece_by_chance, c["ece_by_chance_exact"], allowed_by_chance(ours.n), name + ": by chance");
    }
    ASSERT_EQ(ours.bins.size(), c["bins"].size());
    for (size_t b = 0; b < ours.bins.size(); ++b) {
      const CalibrationBin& bin = ours.bins[b];
      const auto& reference = c["bins"][b];
      const std::string what = fmt::format("{}, bin {}", name, b);
      EXPECT_EQ(bin.n, reference["n"]) << what;
      golden.equal(bin.confidence, reference["confidence"], what);
      golden.equal(bin.accuracy, reference["accuracy"], what);
      golden.equal(bin.interval, reference["interval"], what);
    }
  }
  EXPECT_EQ(golden.compared(), 12 * (6 + 10 * 4) + 10);
}

TEST(Calibration, ConfidenceIsTheLargestShareOfTheSoftmax) {
  const struct {
    std::vector<double> values;
    double confidence;
  } cases[] = {{{-1, -1}, 0.5},
               {{0, 0, 0, 0}, 0.25},
               {{std::log(0.6), std::log(0.3), std::log(0.1)}, 0.6},
               {{std::log(0.1) - 900, std::log(0.9) - 900}, 0.9},
               {{-1, -10'000}, 1},
               {{}, kNaN},
               {{-1}, kNaN},
               {{-1, kNaN}, kNaN},
               {{-1, -kInfinity}, kNaN},
               {{kInfinity, -1}, kNaN},
               {{-kInfinity, -kInfinity}, kNaN}};
  for (const auto& [values, confidence] : cases) {
    const double ours = choice_confidence(values);
    if (std::isnan(confidence)) {
      EXPECT_TRUE(std::isnan(ours)) << ours;
    } else {
      EXPECT_NEAR(ours, confidence, 1e-14);
    }
  }
}

TEST(Calibration, ABinEndsWithItsUpperEdge) {
  for (int edge = 0; edge <= kCalibrationBins; ++edge) {
    const ConfidentAnswer answer{edge / 10.0, true};
    const Calibration ours = calibration({&answer, 1});
    for (int bin = 0; bin < kCalibrationBins; ++bin) {
      EXPECT_EQ(ours.bins[static_cast<size_t>(bin)].n, bin == std::max(0, edge - 1) ? 1 : 0) << edge;
    }
  }
}

TEST(Calibration, WhatHasNoConfidenceIsLeftOutAndCounted) {
  const std::vector<ConfidentAnswer> answers = {{0.8, true},  {kNaN, true},    {kInfinity, false},
                                                {-0.1, true}, {1.0001, false}, {0.8, false}};
  const Calibration ours = calibration(answers);
  EXPECT_EQ(ours.n, 2);
  EXPECT_EQ(ours.left_out, 4);
  EXPECT_DOUBLE_EQ(ours.ece, 0.3);
  const Calibration none = calibration(std::vector<ConfidentAnswer>{{kNaN, true}});
  EXPECT_EQ(none.n, 0);
  EXPECT_EQ(none.left_out, 1);
  EXPECT_EQ(none.bins.size(), 10U);
  for (const double number : {none.ece, none.ece_by_chance, none.brier, none.confidence, none.accuracy,
                              none.bins[3].confidence, none.bins[3].interval.low}) {
    EXPECT_TRUE(std::isnan(number));
  }
}

// Whatever the answers: the error lies between the gap of the means and 1, the Brier score in [0, 1], the bins add up,
// and the order of the answers does not matter.
TEST(Calibration, Laws) {
  std::mt19937 random(7);
  const auto drawn = [&] { return static_cast<double>(random()) / 4294967296.0; };
  for (int round = 0; round < 200; ++round) {
    std::vector<ConfidentAnswer> answers;
    for (int i = 0; i < 1 + round; ++i) answers.push_back({drawn(), drawn() < 0.5});
    const Calibration ours = calibration(answers);
    EXPECT_GE(ours.ece, std::fabs(ours.accuracy - ours.confidence) - 1e-12);
    EXPECT_LE(ours.ece, 1);
    EXPECT_GE(ours.brier, 0);
    EXPECT_LE(ours.brier, 1);
    int64_t n = 0;
    for (const CalibrationBin& bin : ours.bins) {
      n += bin.n;
      if (bin.n == 0) continue;
      EXPECT_GT(bin.confidence, bin.low);
      EXPECT_LE(bin.confidence, bin.high);
      EXPECT_LE(bin.interval.low, bin.accuracy);
      EXPECT_GE(bin.interval.high, bin.accuracy);
    }
    EXPECT_EQ(n, std::ssize(answers));
    std::shuffle(answers.begin(), answers.end(), random);
    EXPECT_NEAR(calibration(answers).ece, ours.ece, 1e-12);
  }
}

// Of a calibrated model the mean error is the one by chance; of one that is too sure it stays with more answers.
TEST(Calibration, TheErrorOfACalibratedModelIsThatByChance) {
  std::mt19937 random(11);
  const auto drawn = [&] { return static_cast<double>(random()) / 4294967296.0; };
  for (const int n : {100, 1000, 10'000}) {
    double error = 0, by_chance = 0, too_sure = 0;
    const int rounds = n == 100 ? 2000 : 200;
    for (int round = 0; round < rounds; ++round) {
      std::vector<ConfidentAnswer> answers, surer;
      for (int i = 0; i < n; ++i) {
        const double c = 0.25 + 0.75 * drawn();
        const bool right = drawn() < c;
        answers.push_back({c, right});
        surer.push_back({std::min(1.0, c + 0.1), right});
      }
      const Calibration ours = calibration(answers);
      error += ours.ece / rounds;
      by_chance += ours.ece_by_chance / rounds;
      too_sure += calibration(surer).ece / rounds;
    }
    EXPECT_NEAR(error / by_chance, 1, 0.05) << n;
    EXPECT_GT(too_sure, 0.08) << n;
  }
}

TEST(OptionValues, AsTheMetricComparesThem) {
  const std::vector<std::string> options = {" two", " d\u00e9j\u00e0", " "};
  const std::vector<double> logprobs = {-3, -4, -1};
  EXPECT_EQ(option_values("acc", options, logprobs), logprobs);
  EXPECT_EQ(option_values("acc_norm", options, logprobs), (std::vector<double>{-1, -1, -kInfinity}));
  EXPECT_EQ(option_values("acc_bytes", options, logprobs), (std::vector<double>{-1, -4.0 / 6, -kInfinity}));
  EXPECT_TRUE(is_option_metric("acc_norm"));
  EXPECT_FALSE(is_option_metric("exact_match"));
}

}  // namespace
}  // namespace assay::scorers
