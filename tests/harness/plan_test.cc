// `assay plan`: its numbers against the statistics functions, and against what the database holds.
#include <fmt/format.h>

#include <cmath>

#include "harness/planning.h"
#include "scorers/statistics/mcnemar_power.h"
#include "scorers/statistics/paired_mean_power.h"
#include "tests/harness/assay.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using harness::SampleSet;
using harness::Spread;
using Json = nlohmann::json;

Spread clustered(double discordance, double correlation) {
  Spread spread = harness::spread_of_discordance(discordance, "seen");
  spread.correlation = correlation;
  return spread;
}

TEST(Planning, PowerIsThatOfTheTest) {
  const Spread spread = harness::spread_of_discordance(0.12, "given");
  const auto exact = [](double discordance, int64_t n, double delta) {
    return scorers::mcnemar_power_exact({discordance, 0.05}, n, delta, scorers::McNemarKind::kExact);
  };
  EXPECT_EQ(harness::power_to_detect(spread, {900, 0, 1}, 0.03, 0.05), exact(0.12, 900, 0.03));
  // A difference of 20 points needs that many discordant samples.
  EXPECT_EQ(harness::power_to_detect(spread, {60, 0, 1}, 0.2, 0.05), exact(0.2, 60, 0.2));
  // Clusters of 5 that correlate by 0.25 count as half of their samples.
  EXPECT_EQ(harness::power_to_detect(clustered(0.12, 0.25), {900, 180, 5}, 0.03, 0.05), exact(0.12, 450, 0.03));
  Spread shares = spread;
  shares.binary = false;
  shares.deviation = 0.2;
  EXPECT_EQ(harness::power_to_detect(shares, {400, 0, 1}, 0.03, 0.05),
            scorers::paired_mean_power({0.2, 0.05}, 400, 0.03));
  // Two models that never differed are reckoned with one sample that may.
  EXPECT_GT(harness::power_to_detect(harness::spread_of_discordance(0, "seen"), {400, 0, 1}, 0.05, 0.05), 0.9);
}

TEST(Planning, TheDetectableDifferenceHasThatPower) {
  for (const double discordance : {0.03, 0.1, 0.4}) {
    for (const int64_t n : {150, 1319, 3852}) {
      const Spread spread = harness::spread_of_discordance(discordance, "given");
      const double found = harness::detectable(spread, {n, 0, 1}, {0.01, 0.8, 0.05}).value();
      EXPECT_GE(harness::power_to_detect(spread, {n, 0, 1}, found, 0.05), 0.8);
      EXPECT_LT(harness::power_to_detect(spread, {n, 0, 1}, found - 3e-5, 0.05), 0.8);
      // The normal law says nearly the same.
      EXPECT_NEAR(found, scorers::mcnemar_detectable({std::max(discordance, found), 0.05}, n, 0.8).value(),
                  0.15 * found + 0.002);
    }
  }
  // Five samples show no difference at all at 5 %.
  EXPECT_FALSE(harness::detectable(harness::spread_of_discordance(0.1, "given"), {5, 0, 1}, {0.01}).has_value());
}

TEST(Planning, LimitsCountTheFirstSamplesOfEverySubset) {
  std::vector<harness::SamplePlace> places;
  for (const auto& [subset, size] : {std::pair{"a", 3}, {"b", 1}, {"c", 40}}) {
    for (int i = 0; i < size; ++i) places.push_back({subset, subset});
  }
  EXPECT_EQ(harness::first_of_every_subset(places, 2), (std::vector<size_t>{0, 1, 3, 4, 5}));
  const SampleSet two = harness::sample_set(places, harness::first_of_every_subset(places, 2));
  EXPECT_EQ(two.n, 5);
  EXPECT_EQ(two.clusters, 3);
  EXPECT_NEAR(two.cluster_size, (4 + 1 + 4) / 5.0, 1e-15);
  EXPECT_EQ(harness::sample_set(places, harness::first_of_every_subset(places, 0)).n, 44);

  const Spread spread = harness::spread_of_discordance(0.3, "given");
  const harness::Wish wish{0.4, 0.8, 0.05};
  const int limit = harness::enough_limit(spread, places, wish).value();
  const auto power = [&](int of_each) {
    return harness::power_to_detect(
        spread, harness::sample_set(places, harness::first_of_every_subset(places, of_each)), wish.detect, wish.alpha);
  };
  EXPECT_GE(power(limit), 0.8);
  EXPECT_LT(power(limit - 1), 0.8);
  EXPECT_FALSE(harness::enough_limit(spread, places, {0.05, 0.8, 0.05}).has_value());
  EXPECT_NEAR(harness::samples_needed(spread, two, {0.05, 0.8, 0.05}),
              std::ceil(scorers::mcnemar_samples({0.3, 0.05}, 0.05, 0.8)), 1e-9);
}

Json plan(std::vector<std::string> arguments, const std::filesystem::path& data) {
  arguments.insert(arguments.begin(), "plan");
  arguments.insert(arguments.end(), {"--data-dir", data, "--json"});
  return Json::parse(assay_ok(std::move(arguments)).out);
}

TEST(Plan, AssumesTellsAndMeasures) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  ASSAY_REQUIRE_SHARED(models, "models");
  const TemporaryFolder folder;
  const std::string model = models / "stories260K" / "stories260K-f32.gguf";
  const Json json = plan(
      {"--tasks", "arc_easy,gsm8k_cot", "--detect", "5", "--shots", "0", "--model", model, "--db", folder / "none.db"},
      data);
  ASSERT_EQ(json.at("tasks").size(), 2u);
  const Json& arc = json.at("tasks")[0];
  EXPECT_EQ(arc.at("samples"), 2376);
  EXPECT_EQ(arc.at("clusters"), 0);
  EXPECT_EQ(arc.at("discordance_source"), "assumed");
  EXPECT_EQ(arc.at("discordance"), 0.1);
  EXPECT_TRUE(arc.at("detects"));
  const int limit = arc.at("limit");
  const auto power = [](int64_t n, double delta) {
    return scorers::mcnemar_power_exact({0.1, 0.05}, n, delta, scorers::McNemarKind::kExact);
  };
  EXPECT_GE(power(limit, 0.05), 0.8);
  EXPECT_LT(power(limit - 1, 0.05), 0.8);
  EXPECT_NEAR(power(2376, arc.at("detectable_points").get<double>() / 100), 0.8, 0.005);

  // The cost is that of a run with this limit.
  const Json run = Json::parse(assay_ok({"run", "--tasks", "arc_easy", "--shots", "0", "--model", model, "--limit",
                                         std::to_string(limit), "--data-dir", data, "--dry-run", "--json", "--quiet"})
                                   .out);
  EXPECT_EQ(arc.at("cost").at("prompt_tokens"), run.at("tasks")[0].at("prompt_tokens"));
  EXPECT_EQ(arc.at("cost").at("unshared_tokens"), run.at("tasks")[0].at("unshared_tokens"));
  EXPECT_GT(arc.at("cost").at("seconds"), 0);
  const Json& gsm = json.at("tasks")[1];
  EXPECT_GT(gsm.at("cost").at("generated_tokens_at_most"), 0);
  EXPECT_GE(json.at("total").at("seconds"), gsm.at("cost").at("seconds"));

  const Outcome text = assay_ok({"plan", "--tasks", "gsm8k_cot", "--detect", "1", "--data-dir", data, "--discordance",
                                 "0.2", "--db", folder / "none.db"});
  EXPECT_NE(text.out.find("as --discordance says"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("1 point would take about"), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("Without --model"), std::string::npos) << text.out;
}

TEST(Plan, TakesTheDiscordanceThatTheDatabaseHasSeen) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  ASSAY_REQUIRE_SHARED(models, "models");
  const TemporaryFolder folder;
  const std::string database = folder / "assay.db";
  const auto run = [&](const std::string& name, const std::string& model, const std::string& limit) {
    assay_ok({"run", "--tasks", "mmlu", "--shots", "0", "--subsets", "anatomy,virology,astronomy", "--limit", limit,
              "--model", models / model, "--name", name, "--data-dir", data, "--db", database, "--quiet"});
  };
  const auto ask = [&] {
    return plan({"--tasks", "mmlu", "--subsets", "anatomy,virology,astronomy", "--detect", "10", "--db", database},
                data)
        .at("tasks")[0];
  };
  run("a", "stories260K/stories260K-f32.gguf", "10");
  run("a-again", "stories260K/stories260K-f32.gguf", "10");
  EXPECT_EQ(ask().at("discordance_source"), "assumed") << "one model twice says nothing of two models";
  run("b", "TinyStories-656K/TinyStories-656K-f32.gguf", "10");

  std::map<std::string, std::pair<double, double>> scores;
  for (const bool of_a : {true, false}) {
    const std::string file = folder / "out.jsonl";
    assay_ok({"export", of_a ? "a" : "b", "--db", database, "--out", file});
    for (const Json& line : read_json_lines(file)) {
      auto& pair = scores[line.at("id")];
      (of_a ? pair.first : pair.second) = line.at("scores").at("acc");
    }
  }
  int discordant = 0;
  for (const auto& [id, pair] : scores) discordant += pair.first == pair.second ? 0 : 1;
  ASSERT_GT(discordant, 0);
  const Json seen = ask();
  EXPECT_EQ(seen.at("discordance_source"), "seen");
  EXPECT_NEAR(seen.at("discordance").get<double>(), discordant / static_cast<double>(scores.size()), 1e-12);
  EXPECT_EQ(seen.at("discordance_pairs"), Json({"a-again/mmlu and b/mmlu"}));
  EXPECT_EQ(seen.at("clusters"), 3);
  EXPECT_TRUE(seen.at("binary"));
  EXPECT_GE(seen.at("correlation"), 0);
  fmt::print("{} of {} samples of two runs differ, and the plan has seen it\n", discordant, scores.size());
}

TEST(Plan, RefusesBadInput) {
  struct Case {
    std::vector<std::string> arguments;
    int exit;
    std::string says;
  };
  const TemporaryFolder folder;
  folder.write("no.db", "this is no database, and no plan can read it");
  for (const Case& c :
       std::vector<Case>{{{"--tasks", "mmlu"}, 64, "--detect"},
                         {{"--detect", "1"}, 64, "--tasks"},
                         {{"--tasks", "mmlu", "--detect", "0"}, 64, "--detect 0"},
                         {{"--tasks", "mmlu", "--detect", "-1"}, 64, "--detect -1"},
                         {{"--tasks", "mmlu", "--detect", "101"}, 64, "--detect 101"},
                         {{"--tasks", "mmlu", "--detect", "much"}, 64, "--detect"},
                         {{"--tasks", "mmlv", "--detect", "1"}, 64, "mmlu"},
                         {{"--tasks", "mmlu", "--detect", "1", "--power", "1"}, 64, "--power 1"},
                         {{"--tasks", "mmlu", "--detect", "1", "--power", "0.2"}, 64, "--power 0.2"},
                         {{"--tasks", "mmlu", "--detect", "1", "--alpha", "0"}, 64, "--alpha 0"},
                         {{"--tasks", "mmlu", "--detect", "1", "--discordance", "0"}, 64, "share"},
                         {{"--tasks", "mmlu", "--detect", "1", "--discordance", "1.5"}, 64, "share"},
                         {{"--tasks", "mmlu", "--detect", "1", "--limit", "-1"}, 64, "--limit"},
                         {{"--tasks", "text:x", "--detect", "1"}, 64, "perplexity"},
                         {{"--tasks", "mmlu", "--detect", "1", "--model", "responses:x"}, 64, "local"},
                         {{"--tasks", "arc_easy", "--protocol", "llama3", "--detect", "1"}, 64, "lm_eval"},
                         {{"--tasks", "mmlu", "--detect", "1", "--data-dir", folder.path()}, 69, folder.path()}}) {
    std::vector<std::string> arguments = c.arguments;
    arguments.insert(arguments.begin(), "plan");
    const Outcome outcome = assay(arguments);
    EXPECT_EQ(outcome.exit, c.exit) << c.says << ": " << outcome.err;
    EXPECT_NE(outcome.err.find(c.says), std::string::npos) << outcome.err;
  }
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const Outcome damaged =
      assay({"plan", "--tasks", "gsm8k", "--detect", "1", "--data-dir", data, "--db", folder / "no.db"});
  EXPECT_EQ(damaged.exit, 65) << damaged.err;
  EXPECT_NE(damaged.err.find("no.db"), std::string::npos) << damaged.err;
}

}  // namespace
}  // namespace assay::testing
