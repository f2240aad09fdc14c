// The HTML file: what stands in it, what cannot, and the columns of its samples.
#include "reports/html_report.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "reports/report_page.h"
#include "reports/report_samples.h"
#include "reports/sample_details.h"
#include "reports/sample_prompts.h"
#include "tests/reports/made_report.h"

namespace assay::reports {
namespace {

using store::Json;
using testing::made_run;
using testing::MadeRun;
using testing::MadeSample;
using testing::MadeStore;

MadeRun one_answer(const std::string& text, double score) {
  MadeRun run = made_run("gsm8k", 0, 0);
  run.score_name = run.filter = "strict-match";
  MadeSample sample{.id = "q", .score = score};
  sample.text = text;
  sample.extracted = "read " + text;
  sample.gold = "SECRET gold";
  run.samples = {sample, MadeSample{.id = "r", .score = 1, .text = "same", .extracted = "1", .gold = "1"}};
  return run;
}

ReportOptions with_baseline(const std::string& name) {
  ReportOptions options;
  options.baseline = name;
  return options;
}

size_t count_of_text(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(ReportPageFile, DataCannotEndItsBlock) {
  const std::string text = "</script><!-- \xff \"'&>\u2028";
  const std::string json = json_for_script({{text, text}});
  EXPECT_EQ(json.find('<'), std::string::npos);
  EXPECT_TRUE(is_valid_utf8(json));
  EXPECT_EQ(Json::parse(json).begin().key(), "</script><!-- \ufffd \"'&>\u2028");
}

TEST(ReportPageFile, PolicyNamesWhatStandsInItAlone) {
  // echo -n 'x' | openssl dgst -sha256 -binary | base64
  EXPECT_EQ(policy_hash("x"), "'sha256-LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE='");
  const std::string page = report_page(Json::object());
  EXPECT_NE(page.find("default-src 'none'; script-src "), std::string::npos);
  EXPECT_NE(page.find(policy_hash(page_program())), std::string::npos);
  EXPECT_EQ(page.find("unsafe-inline"), std::string::npos);
  EXPECT_EQ(count_of_text(page, "<script"), 3U);
  EXPECT_EQ(count_of_text(page, "</script"), 3U);
  EXPECT_EQ(page.find("@data@"), std::string::npos);
}

TEST(ReportPageFile, ModulesBecomeOne) {
  const std::string program = page_program();
  EXPECT_EQ(program.find("\nimport "), std::string::npos);
  EXPECT_EQ(program.find("\nexport "), std::string::npos);
  for (const char* defined : {"function el(", "const report =", "function sampleView(", "function provenancePage("}) {
    EXPECT_EQ(count_of_text(program, defined), 1U) << defined;
  }
}

TEST(HtmlReport, TheSameStoreGivesTheSameBytes) {
  MadeStore made;
  made.add("a", made_run("mmlu", 30, 20));
  made.add("b", made_run("mmlu", 30, 10));
  const Report report = testing::report_of(made.store(), {"b"}, with_baseline("a"));
  const std::string html = html_report(report, made.store());
  EXPECT_EQ(html, html_report(report, made.store()));
  EXPECT_TRUE(html.starts_with("<!doctype html>\n"));
}

TEST(HtmlReport, OfAHiddenSetThereAreIdsAndScoresAlone) {
  for (const bool hidden : {true, false}) {
    MadeStore made;
    MadeRun a = one_answer("SECRET a", 1);
    MadeRun b = one_answer("SECRET b", 0);
    if (hidden) a.manifest["asked"]["hidden_set"] = b.manifest["asked"]["hidden_set"] = "h";
    a.samples[0].prompt = b.samples[0].prompt = "SECRET prompt";
    made.add("a", a);
    made.add("b", b);
    const Report report = testing::report_of(made.store(), {"a", "b"}, with_baseline("a"));
    EXPECT_EQ(html_report(report, made.store()).find("SECRET") == std::string::npos, hidden);
    const Json samples = report_samples(made.store(), report);
    ASSERT_EQ(samples.at("runs").size(), 2U);
    EXPECT_EQ(samples.at("lists").size(), 1U);
    EXPECT_EQ(samples.at("lists")[0].at("id"), Json({"q", "r"}));
    EXPECT_EQ(samples.at("runs")[1].at("score"), Json({0, 1}));
    EXPECT_EQ(samples.at("runs")[1].at("details").empty(), hidden);
    EXPECT_EQ(samples.at("runs")[1].at("hidden"), hidden);
  }
}

TEST(HtmlReport, PromptsStandInItOnceWithTheirSharedBeginning) {
  const std::string examples = std::string(300, 'e') + "\n";
  MadeStore made;
  MadeRun a = made_run("mmlu", 3, 2);
  for (size_t i = 0; i < 3; ++i) a.samples[i].prompt = fmt::format("{}Question {}", examples, i);
  MadeRun b = made_run("mmlu", 3, 1);
  for (size_t i = 0; i < 3; ++i) b.samples[i].prompt = a.samples[i].prompt;
  b.samples[2].prompt = "asked otherwise";
  made.add("a", a);
  made.add("b", b);
  const Json samples = report_samples(made.store(), testing::report_of(made.store(), {"a", "b"}));
  const Json& runs = samples.at("runs");
  EXPECT_EQ(samples.at("heads"), Json::array({Json({{"text", examples}})}));
  ASSERT_EQ(samples.at("prompts").size(), 4U);
  const auto prompt = [&](size_t run, const char* place) {
    return samples.at("prompts").at(runs[run].at("details").at(place).at("prompt").get<size_t>());
  };
  EXPECT_EQ(prompt(0, "1"), Json({{"text", "Question 1"}, {"head", 0}}));
  EXPECT_EQ(prompt(1, "1"), prompt(0, "1"));
  EXPECT_EQ(prompt(1, "2"), Json({{"text", "asked otherwise"}}));
  EXPECT_EQ(prompt(0, "2"), Json({{"text", "Question 2"}, {"head", 0}}));
}

TEST(HtmlReport, OfALongPromptTheEndIsKept) {
  SamplePrompts prompts(5, 3);
  EXPECT_EQ(prompts.place({"examples", "a\xC3\xA4q?"}), 0U);
  EXPECT_EQ(prompts.place({"examples", "q"}), 1U);
  EXPECT_EQ(prompts.place({"", "q"}), 2U);
  EXPECT_EQ(prompts.place({"examples", "q"}), 1U);
  EXPECT_EQ(prompts.heads(), Json::array({Json({{"text", "mples"}, {"full", 8}})}));
  EXPECT_EQ(prompts.prompts()[0], Json({{"text", "\xC3\xA4q?"}, {"full", 4}, {"head", 0}}));
  EXPECT_EQ(prompts.prompts()[2], Json({{"text", "q"}}));
}

TEST(HtmlReport, AnExecutedProgramSaysWhatBecameOfItAndHowLongItTook) {
  store::StoredSample sample;
  sample.response.emplace().body = engine::GenerateResponse{"return 1", {}, engine::FinishReason::kStop};
  scorers::Execution& execution = sample.score.emplace().execution.emplace();
  execution.outcome = "failed";
  execution.error = "AssertionError";
  EXPECT_EQ(sample_details(sample, 6, 9),
            Json({{"text", "return"}, {"full", 8}, {"outcome", "failed"}, {"error", "AssertionError"}}));
  execution.wall_ms = 18.6;
  EXPECT_EQ(sample_details(sample, 6, 9).at("wall_ms"), 19);
}

TEST(HtmlReport, ColumnsHoldWhatTheStoreHas) {
  MadeStore made;
  MadeRun run = made_run("mmlu", 3, 2);
  run.samples[2].answered = false;
  made.set_state(store::State::kInterrupted);
  made.add("a", run);
  const Json samples = report_samples(made.store(), testing::report_of(made.store(), {"a"}));
  const Json& packed = samples.at("runs")[0];
  EXPECT_EQ(packed.at("score"), Json({1, 1, nullptr}));
  EXPECT_EQ(packed.at("flags"), Json({1, 1, 0}));
  EXPECT_EQ(packed.at("choice"), Json({0, 0, -1}));
  EXPECT_EQ(packed.at("length"), Json({10, 10, -1}));
  EXPECT_EQ(packed.at("margin"), Json::array());  // it is compared with nothing
  EXPECT_EQ(packed.at("texts")[packed.at("answer")[0].get<size_t>()], "A");
  EXPECT_EQ(samples.at("lists")[0].at("right"), Json({0, 0, 0}));
  EXPECT_EQ(packed.at("details").at("0").at("options"), Json({"A", "B"}));
  EXPECT_EQ(packed.at("note"), nullptr);
}

TEST(HtmlReport, LongTextsAndManySamplesAreCutWithANote) {
  MadeStore made;
  made.add("a", one_answer(std::string(100'000, 'x'), 0));
  const Report report = testing::report_of(made.store(), {"a"});
  const Json whole = report_samples(made.store(), report).at("runs")[0];
  EXPECT_EQ(whole.at("details").at("0").at("text").get<std::string>().size(), 4000U);
  EXPECT_EQ(whole.at("details").at("0").at("full"), 100'000);
  EXPECT_EQ(whole.at("note"), nullptr);
  SampleTextLimits limits;
  limits.of_a_run = 1;
  const Json cut = report_samples(made.store(), report, limits).at("runs")[0];
  EXPECT_EQ(cut.at("details").size(), 1U);
  EXPECT_TRUE(cut.at("details").contains("0"));  // the wrong one
  EXPECT_EQ(cut.at("note"),
            "Texts of 1 of 2 samples are in this report: of those that changed first, then of wrong ones. assay export "
            "has all.");
}

}  // namespace
}  // namespace assay::reports
