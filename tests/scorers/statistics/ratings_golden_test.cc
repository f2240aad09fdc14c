// What people's ratings need against golden/statistics: strengths from paired comparisons, and agreement (made with
// scipy, statsmodels and krippendorff).
#include "base/error.h"
#include "scorers/statistics/cohen_kappa.h"
#include "scorers/statistics/davidson.h"
#include "scorers/statistics/fleiss_kappa.h"
#include "scorers/statistics/krippendorff_alpha.h"
#include "tests/scorers/statistics/golden.h"

namespace assay::scorers {
namespace {

using nlohmann::json;

TEST(Statistics, StrengthsOfModels) {
  ASSAY_REQUIRE_SHARED(folder, "golden/statistics");
  Golden golden(folder, "bradley_terry.json", 1e-5, 1e-9);
  for (const auto& c : golden.cases()) {
    const std::string name = c["name"];
    const std::optional<Davidson> ours = davidson(c["wins"], c["ties"]);
    ASSERT_TRUE(ours) << name;
    const size_t models = c["wins"].size();
    for (size_t i = 0; i < models; ++i) {
      golden.equal(ours->log_strength[i], c["log_strength"][i], name + " log strength");
      golden.equal(ours->stderr_[i], c["log_strength_se"][i], name + " standard error");
      golden.equal(ours->elo[i], c["elo"][i], name + " Elo");
      for (size_t j = 0; j < models; ++j) {
        golden.equal(ours->difference_stderr(i, j), c["difference_se"][i][j], name + " difference");
      }
    }
    golden.equal(ours->nu, c["nu"], name + " nu");
    golden.equal(ours->log_nu, c["log_nu"], name + " log nu");
    golden.equal(ours->log_nu_stderr, c["log_nu_se"], name + " log nu");
    golden.equal(ours->log_likelihood, c["log_likelihood"], name + " likelihood");
  }
  EXPECT_EQ(golden.compared(), (9 + 9 + 4) + (15 + 25 + 4));
}

TEST(Statistics, KrippendorffAlpha) {
  ASSAY_REQUIRE_SHARED(folder, "golden/statistics");
  Golden golden(folder, "krippendorff_alpha.json");
  for (const auto& c : golden.cases()) {
    const std::string name = c["name"];
    std::vector<std::vector<std::optional<double>>> ratings;
    for (const json& row : c["data"]) {
      ratings.emplace_back();
      for (const json& value : row) {
        ratings.back().push_back(value.is_null() ? std::nullopt : std::optional<double>(value));
      }
    }
    golden.equal(krippendorff_alpha(ratings, Scale::kNominal), c["nominal"], name + " nominal");
    golden.equal(krippendorff_alpha(ratings, Scale::kOrdinal), c["ordinal"], name + " ordinal");
    golden.equal(krippendorff_alpha(ratings, Scale::kInterval), c["interval"], name + " interval");
  }
  EXPECT_EQ(golden.compared(), 4 * 3);
}

TEST(Statistics, Kappa) {
  ASSAY_REQUIRE_SHARED(folder, "golden/statistics");
  Golden golden(folder, "kappa.json");
  for (const auto& c : golden.cases()) {
    if (c["kind"] == "fleiss") {
      golden.equal(fleiss_kappa(c["counts"]).kappa, c["kappa"], c["name"]);
      continue;
    }
    const std::string what = "Cohen " + c["table"].dump();
    const CohenKappa plain = cohen_kappa(c["table"]);
    golden.equal(plain.kappa, c["kappa"], what);
    golden.equal(plain.stderr_, c["se"], what + " error");
    golden.equal(plain.stderr_null, c["se_null"], what + " error under 0");
    golden.equal(cohen_kappa(c["table"], KappaWeights::kLinear).kappa, c["kappa_linear"], what + " linear");
    golden.equal(cohen_kappa(c["table"], KappaWeights::kQuadratic).kappa, c["kappa_quadratic"], what + " quadratic");
  }
  EXPECT_EQ(golden.compared(), 4 * 5 + 2);
}

}  // namespace
}  // namespace assay::scorers
