// What people preferred, in every format of a report: which rounds, and nothing of prompts, answers, comments, raters.
#include "reports/report_preferences.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "reports/json_report.h"
#include "reports/report_formats.h"
#include "tests/reports/json_schema.h"
#include "tests/reports/made_report.h"
#include "tests/reports/made_round.h"

namespace assay::reports {
namespace {

using store::Json;
using testing::drawn_round;
using testing::made_run;
using testing::MadeRound;
using testing::MadeRun;
using testing::MadeSample;
using testing::MadeStore;
using testing::store_round;

// A run over a hidden set, whose prompt's id, prompt and answer are "SECRET" all.
int64_t answered(MadeStore& made, const std::string& name) {
  MadeRun run = made_run("answers", 0, 0, "/somewhere/" + name + "-7b");
  run.manifest["asked"]["hidden_set"] = "h";
  run.samples = {{.id = "an id", .prompt = "SECRET prompt", .text = "SECRET answer", .extracted = "SECRET"}};
  run.scored = false;
  return made.add(name, run).info.number;
}

MadeRound eight_votes(const std::string& name, int choice = 1) {
  MadeRound round;
  round.round().round.name = name;
  for (int i = 0; i < 8; ++i) {
    round.add({.prompt = fmt::format("SECRET prompt-{}", i),
               .rater = i % 2 == 0 ? "SECRET ann" : "SECRET ben",
               .choice = i % 4 == 0 ? 0 : choice});
  }
  return round;
}

std::vector<std::string> rounds_of(const Report& report) {
  std::vector<std::string> names;
  for (const PreferenceReport& round : report.preferences) names.push_back(round.round);
  return names;
}

TEST(ReportPreferences, AreOfTheRoundsThatTheRunsTookPartIn) {
  MadeStore made;
  const int64_t a = answered(made, "a");
  const int64_t b = answered(made, "b");
  const int64_t c = answered(made, "c");
  made.add("unrated", made_run("mmlu", 4, 2));
  store_round(eight_votes("a and b").round(), made.store(), {a, b});
  store_round(eight_votes("c and b").round(), made.store(), {c, b});
  MadeRound few;
  few.round().round.name = "few votes";
  for (int i = 0; i < 4; ++i) few.add({.prompt = std::to_string(i), .choice = 1});
  store_round(few.round(), made.store(), {a, c});
  MadeRound none;
  none.round().round.name = "no votes";
  none.round().items = {{"p", "advice", 0, 1}};
  store_round(none.round(), made.store(), {a, b});
  const struct {
    std::vector<std::string> runs;
    std::vector<std::string> rounds;
  } cases[] = {{{"a"}, {"a and b"}},
               {{"c"}, {"c and b"}},
               {{"b"}, {"a and b", "c and b"}},
               {{"a", "b", "c"}, {"a and b", "c and b"}},
               {{"unrated"}, {}}};
  for (const auto& each : cases) {
    EXPECT_EQ(rounds_of(testing::report_of(made.store(), each.runs)), each.rounds) << each.runs.front();
  }
}

TEST(ReportPreferences, SayNothingOfSinglePeopleOrAnyText) {
  MadeStore made;
  const int64_t a = answered(made, "a");
  const int64_t b = answered(made, "b");
  store_round(eight_votes("spring").round(), made.store(), {a, b});
  const Report report = testing::report_of(made.store(), {"a", "b"});
  for (const std::string& name : report_format_names()) {
    const std::string text = write_report(report_format("-", name), report, made.store());
    for (const char* never : {"SECRET", "a secret", "hash of"}) {
      EXPECT_EQ(text.find(never), std::string::npos) << name << ": " << never;
    }
    EXPECT_EQ(text.find("spring") != std::string::npos, name != "junit") << name;
  }
}

// The JSON of every report on a round that cannot show everything is as the schema says.
TEST(ReportPreferences, AreAsTheSchemaSays) {
  const nlohmann::json schema = nlohmann::json::parse(read_file("docs/report.schema.json"));
  MadeStore made;
  const int64_t a = answered(made, "a");
  const int64_t b = answered(made, "b");
  const int64_t c = answered(made, "c");
  store_round(eight_votes("ties alone", 0).round(), made.store(), {a, b});
  store_round(eight_votes("wins alone", 2).round(), made.store(), {a, b});
  MadeRound one_prompt;
  one_prompt.round().round.name = "one prompt";
  for (int i = 0; i < 6; ++i) one_prompt.add({.rater = fmt::format("rater {}", i), .choice = i % 3 - 1});
  store_round(one_prompt.round(), made.store(), {a, b});
  store_round(drawn_round({.models = 3, .prompts = 8, .categories = {"", "x", "y"}}).round(), made.store(), {a, b, c});
  const Report report = testing::report_of(made.store(), {"a"});
  const Json json = json_report(report);
  ASSERT_EQ(json.at("preferences").size(), 4U);
  EXPECT_TRUE(json.at("preferences")[0].at("strengths").at("reason").is_string());
  EXPECT_EQ(json.at("preferences")[2].at("pairs")[0].at("p"), nullptr);
  EXPECT_EQ(assay::testing::schema_violations(schema, nlohmann::json::parse(json_report_text(report))),
            std::vector<std::string>());
}

}  // namespace
}  // namespace assay::reports
