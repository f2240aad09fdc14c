// `assay compare` and `assay gate` on real runs: the manifest that a run really writes, the exit codes, the refusals.
#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "reports/manifest_fields.h"
#include "store/sqlite.h"
#include "tests/harness/assay.h"
#include "tests/reports/made_runs.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using nlohmann::json;

class Compare : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSAY_REQUIRE_SHARED(data, "datasets");
    ASSAY_REQUIRE_SHARED(models, "models");
    environment_ = {{"ASSAY_DATA_DIR", data}, {"ASSAY_DB", folder_ / "assay.db"}};
    models_ = models;
  }

  void score(const std::string& name, const std::string& model, std::vector<std::string> more) {
    std::vector<std::string> arguments = {"run", "--model", models_ / model, "--name", name, "--quiet"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    assay_ok(arguments, environment_);
  }
  Outcome call(std::vector<std::string> arguments) { return assay(std::move(arguments), environment_); }
  json call_json(std::vector<std::string> arguments) {
    arguments.emplace_back("--json");
    const Outcome outcome = call(std::move(arguments));
    EXPECT_NE(outcome.out, "") << outcome.err;
    return json::parse(outcome.out);
  }

  TemporaryFolder folder_;
  std::map<std::string, std::string> environment_;
  std::filesystem::path models_;
};

constexpr char kTiny[] = "stories260K/stories260K-f32.gguf";
constexpr char kTinyBf16[] = "stories260K/stories260K-bf16.gguf";

TEST_F(Compare, EveryFieldOfARealManifestHasItsPlace) {
  score("all", kTiny, {"--tasks", "arc_easy,gsm8k_cot", "--limit", "2", "--max-tokens", "4"});
  score("programs", kTiny, {"--tasks", "humaneval", "--limit", "1", "--max-tokens", "4", "--no-execute"});
  std::set<std::string> made;
  for (const std::string& path : reports::manifest_paths(reports::testing::full_manifest())) made.insert(path);
  size_t fields = 0;
  for (const char* run : {"all/arc_easy", "all/gsm8k_cot", "programs/humaneval"}) {
    const store::Json manifest = store::Json::parse(call({"show", run, "--json"}).out).at("manifest");
    for (const std::string& path : reports::manifest_paths(manifest)) {
      EXPECT_NE(reports::manifest_field(path), nullptr) << path << " is in neither list of reports/manifest_fields.cc";
      const bool known = made.contains(path) || path == "asked.decoding";  // null where nothing is generated
      EXPECT_TRUE(known) << path << " is missing in full_manifest() of tests/reports/made_runs.cc";
      ++fields;
    }
  }
  std::cout << fields << " fields of 3 manifests found in the lists\n";
}

TEST_F(Compare, ARunEqualsItselfAndPasses) {
  score("a", kTiny, {"--tasks", "arc_easy", "--limit", "300"});
  score("b", kTiny, {"--tasks", "arc_easy", "--limit", "300", "--threads", "1"});
  const json compared = call_json({"compare", "a", "b"});
  const json& score = compared.at("tasks")[0].at("scores")[0];
  EXPECT_EQ(score.at("difference"), 0);
  EXPECT_EQ(score.at("p"), 1);
  EXPECT_EQ(compared.at("tasks")[0].at("margin").at("difference"), 0);
  EXPECT_EQ(compared.at("tasks")[0].at("changed"), 0);
  EXPECT_EQ(call({"gate", "--baseline", "a", "--candidate", "b", "--margin", "2"}).exit, 0);
  EXPECT_EQ(call({"gate", "--baseline", "a", "--candidate", "b", "--margin", "0.5"}).exit, 2)
      << "300 equal samples do not prove half a point";
}

TEST_F(Compare, AnotherDtypeIsAFactAndAnotherQuestionIsNot) {
  score("f32", kTiny, {"--tasks", "arc_easy", "--limit", "200"});
  score("bf16", kTinyBf16, {"--tasks", "arc_easy", "--limit", "200"});
  score("shots", kTiny, {"--tasks", "arc_easy", "--limit", "200", "--shots", "1"});
  score("fewer", kTiny, {"--tasks", "arc_easy", "--limit", "100"});
  const Outcome facts = call({"compare", "f32", "bf16"});
  EXPECT_EQ(facts.exit, 0) << facts.err;
  EXPECT_NE(facts.out.find("dtype f32 | bf16"), std::string::npos) << facts.out;

  const Outcome refused = call({"compare", "f32", "shots"});
  EXPECT_EQ(refused.exit, 65);
  EXPECT_NE(refused.err.find("asked.shots is 0 and 1"), std::string::npos) << refused.err;
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1);
  EXPECT_EQ(call({"gate", "--baseline", "f32", "--candidate", "shots", "--margin", "1"}).exit, 65);
  const Outcome allowed = call({"compare", "f32", "shots", "--allow", "shots"});
  EXPECT_EQ(allowed.exit, 0) << allowed.err;
  EXPECT_NE(allowed.out.find("by --allow: asked.shots is 0 and 1"), std::string::npos) << allowed.out;

  const Outcome fewer = call({"compare", "f32", "fewer"});
  EXPECT_EQ(fewer.exit, 65);
  EXPECT_NE(fewer.err.find("100 are asked in A alone"), std::string::npos) << fewer.err;
  EXPECT_EQ(call_json({"compare", "f32", "fewer", "--allow", "samples"}).at("tasks")[0].at("scores")[0].at("n"), 100);
}

TEST_F(Compare, WrongUseIsRefused) {
  score("a", kTiny, {"--tasks", "arc_easy", "--limit", "5"});
  struct Case {
    std::vector<std::string> arguments;
    int exit;
    const char* says;
  };
  for (const Case& test :
       {Case{{"compare", "a"}, 64, "B"}, Case{{"compare", "a", "nothing"}, 64, "nothing"},
        Case{{"compare", "a", "a", "--allow", "shot"}, 64, "shots"},
        Case{{"compare", "a", "a", "--cluster", "some"}, 64, "none"},
        Case{{"compare", "a", "a", "--metric", "bleu"}, 64, "acc"},
        Case{{"compare", "a", "a", "--flips", "-1"}, 64, "--flips"},
        Case{{"gate", "--baseline", "a", "--candidate", "a"}, 64, "--margin"},
        Case{{"gate", "--baseline", "a", "--candidate", "a", "--margin", "0"}, 64, "--margin"},
        Case{{"gate", "--baseline", "a", "--candidate", "a", "--margin", "1", "--alpha", "0.7"}, 64, "--alpha"}}) {
    const Outcome outcome = call(test.arguments);
    EXPECT_EQ(outcome.exit, test.exit) << outcome.err;
    EXPECT_NE(outcome.err.find(test.says), std::string::npos) << outcome.err;
  }
}

TEST_F(Compare, ADatabaseThatAnotherProgramWritesCanBeRead) {
  score("a", kTiny, {"--tasks", "arc_easy", "--limit", "5"});
  store::Database other(folder_ / "assay.db", store::Database::Access::kReadWrite, 1000);
  const store::Transaction writing(other);
  EXPECT_EQ(call({"compare", "a", "a"}).exit, 0);
}

}  // namespace
}  // namespace assay::testing
