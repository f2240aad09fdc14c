// The formulas of scorers/statistics against golden/statistics (made with scipy, statsmodels and
// lm-evaluation-harness).
#include "tests/support/golden.h"

#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "scorers/statistics/macro_average.h"
#include "scorers/statistics/mean.h"
#include "scorers/statistics/pass_at_k.h"
#include "scorers/statistics/pooled_stderr.h"
#include "scorers/statistics/wilson_interval.h"

namespace assay::scorers {
namespace {

constexpr double kZ99 = 2.5758293035489004;

// The golden folder's README: relative 1e-9, absolute 1e-12 near 0.
void expect_equal(double ours, double reference, const std::string& what) {
  EXPECT_LE(std::abs(ours - reference), std::max(1e-9 * std::abs(reference), 1e-12)) << what << ": " << ours;
}

nlohmann::json cases(const std::filesystem::path& folder, const char* file) {
  return nlohmann::json::parse(read_file(folder / file));
}

std::vector<double> zeros_and_ones(int ones, int n) {
  std::vector<double> values(static_cast<size_t>(n), 0.0);
  std::fill_n(values.begin(), ones, 1.0);
  return values;
}

TEST(Statistics, AggregatesAsLmEval) {
  ASSAY_REQUIRE_SHARED(folder, "golden/statistics");
  int compared = 0;
  for (const auto& c : cases(folder, "aggregation.json")) {
    std::vector<MeanEstimate> subsets;
    std::vector<double> all;
    for (size_t i = 0; i < c["k"].size(); ++i) {
      const std::vector<double> values = zeros_and_ones(c["k"][i], c["n"][i]);
      all.insert(all.end(), values.begin(), values.end());
      subsets.push_back(mean_of(values));
      expect_equal(subsets.back().mean, c["mean"][i], c["name"]);
      expect_equal(subsets.back().stderr_, c["stderr"][i], c["name"]);
      compared += 2;
    }
    expect_equal(mean_of(all).mean, c["micro_mean"], c["name"]);
    expect_equal(mean_of(all).stderr_, c["micro_stderr_concatenated"], c["name"]);
    expect_equal(pooled_stderr(subsets), c["micro_stderr_pooled"], c["name"]);
    expect_equal(macro_average(subsets).mean, c["macro_mean"], c["name"]);
    expect_equal(macro_average(subsets).stderr_, c["macro_stderr"], c["name"]);
    compared += 5;
  }
  std::cout << "aggregation.json: " << compared << " values equal\n";
  EXPECT_EQ(compared, 37);
}

TEST(Statistics, WilsonIntervals) {
  ASSAY_REQUIRE_SHARED(folder, "golden/statistics");
  int compared = 0;
  for (const auto& c : cases(folder, "proportion_intervals.json")) {
    const std::string what = fmt::format("{} of {}", c["k"].get<int>(), c["n"].get<int>());
    for (const auto& [key, z] : {std::pair("wilson_95", kZ95), std::pair("wilson_99", kZ99)}) {
      const Interval interval = wilson_interval(c["k"], c["n"], z);
      expect_equal(interval.low, c[key][0], what);
      expect_equal(interval.high, c[key][1], what);
      compared += 2;
    }
    const MeanEstimate mean = mean_of(zeros_and_ones(c["k"], c["n"]));
    expect_equal(mean.mean, c["mean"], what);
    if (c["stderr_sample"].is_null()) {
      EXPECT_TRUE(std::isnan(mean.stderr_)) << what;
    } else {
      expect_equal(mean.stderr_, c["stderr_sample"], what);
    }
    compared += 2;
  }
  std::cout << "proportion_intervals.json: " << compared << " values equal\n";
  EXPECT_EQ(compared, 21 * 6);
}

TEST(Statistics, PassAtK) {
  ASSAY_REQUIRE_SHARED(folder, "golden/statistics");
  int compared = 0;
  int refused = 0;
  for (const auto& c : cases(folder, "pass_at_k.json")) {
    if (c.value("error", false)) {
      EXPECT_THROW(pass_at_k(c["n"], c["c"], c["k"]), Error) << c;
      ++refused;
      continue;
    }
    expect_equal(pass_at_k(c["n"], c["c"], c["k"]), c["pass_at_k"], c.dump());
    ++compared;
  }
  std::cout << "pass_at_k.json: " << compared << " values equal, " << refused << " refused\n";
  EXPECT_EQ(compared, 32);
  EXPECT_EQ(refused, 3);
}

}  // namespace
}  // namespace assay::scorers
