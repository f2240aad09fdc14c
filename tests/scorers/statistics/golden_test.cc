// The formulas of scorers/statistics for one run against golden/statistics (made with scipy, statsmodels and
// lm-evaluation-harness); comparisons are in compare_golden_test.cc.
#include "tests/scorers/statistics/golden.h"

#include <iostream>

#include "base/error.h"
#include "scorers/statistics/clopper_pearson_interval.h"
#include "scorers/statistics/macro_average.h"
#include "scorers/statistics/mean.h"
#include "scorers/statistics/normal.h"
#include "scorers/statistics/pass_at_k.h"
#include "scorers/statistics/pooled_stderr.h"
#include "scorers/statistics/wilson_interval.h"

namespace assay::scorers {
namespace {

std::vector<double> zeros_and_ones(int ones, int n) {
  std::vector<double> values(static_cast<size_t>(n), 0.0);
  std::fill_n(values.begin(), ones, 1.0);
  return values;
}

TEST(Statistics, AggregatesAsLmEval) {
  ASSAY_REQUIRE_SHARED(folder, "golden/statistics");
  Golden golden(folder, "aggregation.json");
  for (const auto& c : golden.cases()) {
    const std::string name = c["name"];
    std::vector<MeanEstimate> subsets;
    std::vector<double> all;
    for (size_t i = 0; i < c["k"].size(); ++i) {
      const std::vector<double> values = zeros_and_ones(c["k"][i], c["n"][i]);
      all.insert(all.end(), values.begin(), values.end());
      subsets.push_back(mean_of(values));
      golden.equal(subsets.back().mean, c["mean"][i], name);
      golden.equal(subsets.back().stderr_, c["stderr"][i], name);
    }
    golden.equal(mean_of(all).mean, c["micro_mean"], name);
    golden.equal(mean_of(all).stderr_, c["micro_stderr_concatenated"], name);
    golden.equal(pooled_stderr(subsets), c["micro_stderr_pooled"], name);
    golden.equal(macro_average(subsets).mean, c["macro_mean"], name);
    golden.equal(macro_average(subsets).stderr_, c["macro_stderr"], name);
  }
  EXPECT_EQ(golden.compared(), 37);
}

TEST(Statistics, ProportionIntervals) {
  ASSAY_REQUIRE_SHARED(folder, "golden/statistics");
  Golden golden(folder, "proportion_intervals.json");
  for (const auto& c : golden.cases()) {
    const std::string what = c["k"].dump() + " of " + c["n"].dump();
    golden.equal(wilson_interval(c["k"], c["n"]), c["wilson_95"], what + " Wilson 95");
    golden.equal(wilson_interval(c["k"], c["n"], normal_quantile(0.995)), c["wilson_99"], what + " Wilson 99");
    golden.equal(clopper_pearson_interval(c["k"], c["n"]), c["clopper_pearson_95"], what + " exact 95");
    golden.equal(clopper_pearson_interval(c["k"], c["n"], 0.99), c["clopper_pearson_99"], what + " exact 99");
    const MeanEstimate mean = mean_of(zeros_and_ones(c["k"], c["n"]));
    golden.equal(mean.mean, c["mean"], what);
    golden.equal(mean.stderr_, c["stderr_sample"], what);
  }
  EXPECT_EQ(golden.compared(), 21 * 10);
}

TEST(Statistics, PassAtK) {
  ASSAY_REQUIRE_SHARED(folder, "golden/statistics");
  Golden golden(folder, "pass_at_k.json");
  int refused = 0;
  for (const auto& c : golden.cases()) {
    if (c.value("error", false)) {
      EXPECT_THROW(pass_at_k(c["n"], c["c"], c["k"]), Error) << c;
      ++refused;
      continue;
    }
    golden.equal(pass_at_k(c["n"], c["c"], c["k"]), c["pass_at_k"], c.dump());
  }
  std::cout << "pass_at_k.json: " << refused << " refused\n";
  EXPECT_EQ(golden.compared(), 32);
  EXPECT_EQ(refused, 3);
}

}  // namespace
}  // namespace assay::scorers
