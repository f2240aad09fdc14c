// The formulas of scorers/statistics for two runs and for plans against golden/statistics (made with scipy and
// statsmodels).
#include <fmt/format.h>

#include <cmath>

#include "scorers/statistics/bootstrap.h"
#include "scorers/statistics/clustered_stderr.h"
#include "scorers/statistics/equivalence.h"
#include "scorers/statistics/mcnemar.h"
#include "scorers/statistics/mcnemar_power.h"
#include "scorers/statistics/mean_test.h"
#include "scorers/statistics/multiple_comparisons.h"
#include "scorers/statistics/paired.h"
#include "scorers/statistics/paired_mean_power.h"
#include "scorers/statistics/student_t.h"
#include "tests/scorers/statistics/golden.h"

namespace assay::scorers {
namespace {

using Json = nlohmann::json;

TEST(CompareStatistics, McNemar) {
  ASSAY_REQUIRE_SHARED(folder, "golden/statistics");
  Golden golden(folder, "mcnemar.json");
  for (const auto& c : golden.cases()) {
    const std::string what = c["a_only"].dump() + " against " + c["b_only"].dump();
    const McNemar ours = mcnemar(c["a_only"], c["b_only"]);
    golden.equal(ours.exact_p, c["exact_p"], what + " exact_p");
    golden.equal(ours.mid_p, c["mid_p"], what + " mid_p");
    golden.equal(ours.chi2, c["chi2"], what + " chi2");
    golden.equal(ours.chi2_p, c["chi2_p"], what + " chi2_p");
    golden.equal(ours.chi2_cc, c["chi2_cc"], what + " chi2_cc");
    golden.equal(ours.chi2_cc_p, c["chi2_cc_p"], what + " chi2_cc_p");
  }
  EXPECT_EQ(golden.compared(), 21 * 6);
}

void expect_clustered(Golden& golden, const std::vector<double>& values, const std::vector<int>& cluster,
                      const Json& reference, const std::string& what) {
  const ClusteredStderr ours = clustered_stderr(values, cluster);
  EXPECT_EQ(ours.clusters, reference["clusters"]) << what;
  golden.equal(ours.cr0, reference["cr0"], what + " cr0");
  golden.equal(ours.cr1, reference["cr1"], what + " cr1");
  golden.equal(ours.miller, reference["miller"], what + " miller");
}

TEST(CompareStatistics, PairedDifferences) {
  ASSAY_REQUIRE_SHARED(folder, "golden/statistics");
  Golden golden(folder, "paired.json");
  for (const auto& c : golden.cases()) {
    const std::string name = c["name"];
    const std::vector<double> a = c["a"];
    const std::vector<double> b = c["b"];
    const std::vector<int> cluster = c["cluster"];
    const Paired ours = paired(a, b);
    const MeanEstimate d = ours.difference;
    EXPECT_EQ(d.n, c["n"]);
    golden.equal(ours.a.mean, c["a_mean"], name);
    golden.equal(ours.a.stderr_, c["a_se"], name);
    golden.equal(ours.b.mean, c["b_mean"], name);
    golden.equal(ours.b.stderr_, c["b_se"], name);
    golden.equal(d.mean, c["diff_mean"], name);
    golden.equal(d.stderr_, c["diff_se_paired"], name);
    golden.equal(ours.stderr_unpaired, c["diff_se_unpaired"], name);
    golden.equal(ours.correlation, c["correlation"], name);
    expect_clustered(golden, a, cluster, c["a_cluster"], name + ", a");
    expect_clustered(golden, b, cluster, c["b_cluster"], name + ", b");
    expect_clustered(golden, differences(a, b), cluster, c["diff_cluster"], name + ", difference");

    golden.equal(mean_test(d.mean, d.stderr_, kNormalLaw).statistic, c["z"], name);
    golden.equal(mean_test(d.mean, d.stderr_, kNormalLaw).p, c["z_p"], name);
    golden.equal(mean_test(d.mean, d.stderr_, d.n - 1).p, c["t_p"], name);
    golden.equal(mean_interval(d.mean, d.stderr_, kNormalLaw), c["ci95_z"], name + " z");
    golden.equal(mean_interval(d.mean, d.stderr_, d.n - 1), c["ci95_t"], name + " t");
    const ClusteredStderr clustered = clustered_stderr(differences(a, b), cluster);
    golden.equal(mean_interval(d.mean, clustered.cr1, kNormalLaw), c["cluster_ci95_z"], name + " clustered z");
    golden.equal(mean_interval(d.mean, clustered.cr1, clustered.clusters - 1), c["cluster_ci95_t"], name);
  }
  EXPECT_EQ(golden.compared(), 3 * (8 + 9 + 3 + 8));
}

TEST(CompareStatistics, MultipleComparisons) {
  ASSAY_REQUIRE_SHARED(folder, "golden/statistics");
  Golden golden(folder, "multiple_comparisons.json");
  int p_values = 0;
  for (const auto& c : golden.cases()) {
    const std::vector<double> p = c["p"];
    p_values += static_cast<int>(p.size());
    const std::vector<double> by_holm = holm(p);
    const std::vector<double> by_bh = benjamini_hochberg(p);
    ASSERT_EQ(by_holm.size(), p.size());
    for (size_t i = 0; i < p.size(); ++i) {
      const std::string what = c["p"].dump() + " at " + std::to_string(i);
      golden.equal(by_holm[i], c["holm"][i], what + " Holm");
      golden.equal(by_bh[i], c["benjamini_hochberg"][i], what + " Benjamini-Hochberg");
      golden.equal(bonferroni(p)[i], c["bonferroni"][i], what + " Bonferroni");
      golden.equal(benjamini_yekutieli(p)[i], c["benjamini_yekutieli"][i], what + " Benjamini-Yekutieli");
      golden.same(by_holm[i] <= 0.05, c["holm_reject_05"][i], what + " Holm rejects");
      golden.same(by_bh[i] <= 0.05, c["bh_reject_05"][i], what + " Benjamini-Hochberg rejects");
    }
  }
  EXPECT_EQ(golden.compared(), 6 * p_values);
  EXPECT_EQ(golden.cases().size(), 8u);
}

TEST(CompareStatistics, Equivalence) {
  ASSAY_REQUIRE_SHARED(folder, "golden/statistics");
  Golden golden(folder, "equivalence.json");
  for (const auto& c : golden.cases()) {
    const double n = c["n"];
    const double stderr_ = c["sd_difference"].get<double>() / std::sqrt(n);
    golden.equal(stderr_, c["se"], "se");
    for (const auto& [law, freedom] : {std::pair("t", n - 1), std::pair("z", kNormalLaw)}) {
      const Json& r = c[law];
      const std::string what =
          fmt::format("d = {}, margin {}, {}", c["mean_difference"].dump(), c["margin"].dump(), law);
      const Equivalence ours = equivalence(c["mean_difference"], stderr_, c["margin"], freedom);
      golden.equal(ours.p_not_worse, r["p_not_worse"], what);
      golden.equal(ours.p_not_better, r["p_not_better"], what);
      golden.equal(ours.p_equivalent, r["tost_p"], what);
      golden.equal(ours.limits, r["ci90"], what);
      golden.equal(ours.limits.low, r["one_sided_lower_95"], what);
      golden.same(ours.p_not_worse < 0.05, r["non_inferior_05"], what + " not worse");
      golden.same(ours.p_equivalent < 0.05, r["equivalent_05"], what + " equivalent");
      golden.same(ours.p_regressed < 0.05, r["regressed_05"], what + " regressed");
      golden.same(ours.p_inferior < 0.05, r["inferior_beyond_margin_05"], what + " inferior");
    }
  }
  EXPECT_EQ(golden.compared(), 7 * (1 + 2 * 10));
}

void expect_proportions(Golden& golden, const Json& c) {
  const McNemarPlan plan{c["discordance"], c["alpha"]};
  const int64_t n = c["n"];
  const double delta = c["delta"];
  const std::string what = c.dump();
  golden.equal(mcnemar_power(plan, n, delta), c["power_normal"], "power_normal " + what);
  if (c.contains("power_exact_mcnemar")) {
    golden.equal(mcnemar_power_exact(plan, n, delta, McNemarKind::kExact), c["power_exact_mcnemar"], "exact " + what);
    golden.equal(mcnemar_power_exact(plan, n, delta, McNemarKind::kMidP), c["power_mid_p_mcnemar"], "mid p " + what);
  }
  golden.equal(mcnemar_samples(plan, delta, 0.8), c["n_unrounded_80"], "n 80 unrounded " + what);
  golden.equal(std::ceil(mcnemar_samples(plan, delta, 0.8)), c["n_for_power_80"], "n 80 " + what);
  golden.equal(std::ceil(mcnemar_samples(plan, delta, 0.9)), c["n_for_power_90"], "n 90 " + what);
  golden.equal(mcnemar_detectable(plan, n, 0.8).value_or(std::nan("")), c["mde_power_80"], "mde 80 " + what);
  golden.equal(mcnemar_detectable(plan, n, 0.9).value_or(std::nan("")), c["mde_power_90"], "mde 90 " + what);
}

void expect_means(Golden& golden, const Json& c) {
  const PairedMeanPlan plan{c["sd_difference"], c["alpha"]};
  const int64_t n = c["n"];
  const std::string what = c.dump();
  golden.equal(paired_mean_power(plan, n, c["delta"]), c["power_normal_two_tails"], "power " + what);
  golden.equal(paired_mean_detectable(plan, n, 0.8), c["mde_power_80"], "mde 80 " + what);
  golden.equal(paired_mean_detectable(plan, n, 0.9), c["mde_power_90"], "mde 90 " + what);
  golden.equal(std::ceil(paired_mean_samples(plan, c["delta"], 0.8)), c["n_for_power_80"], "n 80 " + what);
}

TEST(CompareStatistics, Power) {
  ASSAY_REQUIRE_SHARED(folder, "golden/statistics");
  Golden golden(folder, "power.json", 1e-6);
  for (const auto& c : golden.cases()) {
    if (c["kind"] == "paired_proportions") {
      expect_proportions(golden, c);
    } else {
      expect_means(golden, c);
    }
  }
  EXPECT_EQ(golden.compared(), 9 * 6 + 8 * 2 + 3 * 4);
}

TEST(CompareStatistics, Bootstrap) {
  ASSAY_REQUIRE_SHARED(folder, "golden/statistics");
  Golden golden(folder, "bootstrap.json");
  constexpr int kResamples = 10'000;
  constexpr uint64_t kSeeds = 3;
  for (const auto& c : golden.cases()) {
    const std::vector<double> x = c["x"];
    const std::vector<int> cluster = c["cluster"].is_null() ? std::vector<int>{} : c["cluster"].get<std::vector<int>>();
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const std::string what = fmt::format("{}, seed {}", c["name"].get<std::string>(), seed);
      const Bootstrap ours = bootstrap(x, cluster, {kResamples, c["level"], seed});
      golden.equal(ours.estimate, c["mean"], what);
      golden.equal(ours.acceleration, c["bca_acceleration"], what);
      for (const auto& [limits, key] : {std::pair(ours.percentile, "percentile"), std::pair(ours.bca, "bca")}) {
        const Json& allowed = c[std::string("tolerance_") + key + "_10000"];
        golden.within(limits.low, c[key][0], allowed[0], what + " low " + key);
        golden.within(limits.high, c[key][1], allowed[1], what + " high " + key);
      }
      // Six Monte-Carlo errors, as the tolerances of the limits: of a standard deviation it is sd/√2B, and of Φ⁻¹ of a
      // share near ½ it is √(¼/B)/φ(0).
      golden.within(ours.stderr_, c["bootstrap_se"], 6 * c["bootstrap_se"].get<double>() / std::sqrt(2 * kResamples),
                    what + " standard error");
      golden.within(ours.z0, c["bca_z0"], 6 * 0.5 / std::sqrt(kResamples) * std::sqrt(2 * M_PI), what + " z0");
    }
  }
  EXPECT_EQ(golden.compared(), 3 * static_cast<int>(kSeeds) * 8);
}

}  // namespace
}  // namespace assay::scorers
