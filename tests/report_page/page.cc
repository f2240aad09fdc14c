#include "tests/report_page/page.h"

#include <fmt/format.h>

#include <cmath>

#include "base/file.h"
#include "reports/html_report.h"
#include "tests/reports/made_report.h"
#include "tests/reports/made_round.h"

namespace assay::testing {
namespace {

using reports::testing::made_run;
using reports::testing::MadeRun;
using reports::testing::MadeSample;
using reports::testing::MadeStore;

const char* const kSubjects[] = {"abstract_algebra", "anatomy",      "astronomy",         "business_ethics",
                                 "college_physics",  "formal_logic", "us_foreign_policy", "world_religions"};

// One line for each example, as prompts of several lines would only be longer.
std::string prompt_of(const std::string& about, const std::string& question) {
  std::string prompt = "The following are questions (with answers) about " + about + ".\n\n";
  for (int i = 0; i < 5; ++i) prompt += fmt::format("Question: what is known of number {}?\nAnswer: enough.\n\n", i);
  return prompt + "Question: " + question + "\nAnswer:";
}

// Margins that look like a model's: some questions are harder than others, a better model moves them all.
MadeRun questions(int n, double strength, const std::string& model) {
  MadeRun run = made_run("mmlu", 0, 0, model);
  for (int i = 0; i < n; ++i) {
    const int subject = i * 8 / std::max(n, 8);
    MadeSample sample{.id = fmt::format("{}/test/{}", kSubjects[subject], i)};
    sample.subset = kSubjects[subject];
    sample.margin = strength + 1.2 * std::sin(i * 12.9898) + 0.4 * std::sin(i * (1 + strength)) + 0.15 * subject - 0.4;
    sample.score = sample.margin >= 0 ? 1 : 0;
    sample.prompt = prompt_of(sample.subset, fmt::format("which of these is right, of those about {}?", i));
    run.samples.push_back(sample);
  }
  return run;
}

MadeRun words(int n, int modulus, const std::string& model) {
  MadeRun run = made_run("gsm8k", 0, 0, model);
  run.score_name = run.filter = "strict-match";
  run.metric = "exact_match";
  run.scorer_version = "exact_match/2";
  for (int i = 0; i < n; ++i) {
    const int gold = 7 * i % 93;
    const bool right = i % modulus != 0 && i % 5 != 1;
    MadeSample sample{.id = fmt::format("test/{}", i), .score = right ? 1.0 : 0.0};
    sample.gold = std::to_string(gold);
    sample.prompt = prompt_of("eggs", fmt::format("on day {} the hens lay {} eggs. What does she earn?", i, gold + 3));
    sample.extracted = right ? sample.gold : i % 10 == 1 ? "[invalid]" : std::to_string(gold + modulus);
    sample.text = fmt::format(
        "There are {} eggs a day and she keeps three of them.\nShe sells the rest for two dollars each, so she makes "
        "{} dollars.\nThe answer is {}.",
        gold + 3, 2 * gold, sample.extracted);
    run.samples.push_back(sample);
  }
  return run;
}

// The first of `outcomes` are those of the first programs; the others passed.
MadeRun programs(const std::vector<std::string>& outcomes, const std::string& model) {
  MadeRun run = made_run("humaneval", 0, 0, model);
  run.score_name = run.metric = "pass@1";
  run.scorer_version = "code/1";
  for (size_t i = 0; i < 12; ++i) {
    const std::string outcome = i < outcomes.size() ? outcomes[i] : "passed";
    MadeSample sample{.id = fmt::format("HumanEval/{}", i), .score = outcome == "passed" ? 1.0 : 0.0};
    sample.extracted = "code";
    sample.text = "    while True:\n        pass\n";
    const std::string error = outcome == "failed" ? "AssertionError: <b>3 != 4</b>" : "";
    sample.execution = {outcome, "strict", 12, 19, {"userns", "seccomp"}, error, ""};
    run.samples.push_back(sample);
  }
  return run;
}

// The words of two models and a checkpoint, rated by five people; and a second round of two of them.
void rate(store::Store& store, int prompts) {
  reports::testing::DrawnRound drawn{.models = 3, .prompts = prompts, .lead = 0.5};
  reports::testing::MadeRound three = drawn_round(drawn);
  for (int i = 0; i < 2; ++i) three.add({.prompt = fmt::format("rare-{}", i), .category = "rare"});
  reports::testing::store_round(three.round(), store, {2, 5, 12});
  drawn = {.prompts = prompts / 2, .lead = -0.2};
  reports::testing::MadeRound two = drawn_round(drawn);
  two.round().round.name = "autumn";
  reports::testing::store_round(two.round(), store, {5, 2});
}

std::string html_of_checkpoints(int n) {
  MadeStore made;
  const std::string small = "models/SmolLM2-360M";
  made.set_tags({{"step", "80000"}});
  made.set_sessions(
      {{"", "cpu avx512bf16 bf16, 8 threads", 1.5, store::SessionWork{812.04, 5'200'000, 96'000, 0, 308.6e3, 1000}},
       {"", "cpu avx512bf16 bf16, 8 threads", 1.5, {}}});
  MadeRun easy = made_run("arc_easy", n / 2, n / 3, small);
  made.add("main", {questions(n, 0.7, small), words(3 * n / 8, 3, small), easy});
  made.set_tags({{"step", "90000"}});
  made.set_sessions({{"", "endpoint", 0.25, store::SessionWork{60.5, 5'200'000, 96'000, 1'200, {}, {}}}});
  MadeRun better = made_run("arc_easy", n / 2, n / 3 + 1, small + "-quantised");
  made.add("pr-17", {questions(n, 0.45, small + "-quantised"), words(3 * n / 8, 4, small + "-quantised"), better});
  made.set_sessions({});
  std::vector<std::string> names = {"main", "pr-17"};
  for (int step = 1; step <= 6; ++step) {
    made.set_tags({{"step", std::to_string(10000 * step)}});
    names.push_back(fmt::format("night-{}", step));
    made.add(names.back(), questions(n, 0.1 * step, fmt::format("runs/step{}", 10000 * step)));
  }
  rate(made.store(), n / 20);
  reports::ReportOptions options;
  options.baseline = "main";
  options.margin_points = 2;
  reports::Report report = reports::testing::report_of(made.store(), names, options);
  for (reports::ReportedRun& run : report.runs) {
    if (run.run.info.task != "mmlu") continue;
    datasets::PublishedNumber number{
        "SmolLM2 360M", "pretrained",          "mmlu",       "accuracy", 61.3, "61.3", "percent", "5", "cloze",
        "Hugging Face", "https://example.org", "2024-11-02", "primary",  ""};
    run.published.push_back({number, false, std::nullopt, "measured with another setting (5-shot; cloze)"});
    number.value = 63.9;
    run.published.push_back({number, true, false, "lies outside the interval (69.10 .. 75.20)"});
    if (run.run.info.batch.starts_with("night")) run.published.clear();
  }
  return reports::html_report(report, made.store());
}

}  // namespace

void ReportPage::SetUp() {
  ASSAY_REQUIRE_BROWSER();
  browser().screen(1440, 900, false);
  browser().dark(false);
  browser().console();
  browser().requests();
}

Browser& ReportPage::browser() {
  static Browser browser;
  return browser;
}

void ReportPage::open(const std::string& html, const std::string& page) {
  const std::filesystem::path file = folder_ / fmt::format("report-{}.html", opened_++);
  write_file_atomically(file, html);
  browser().open("file://" + file.string() + "#" + page);
  browser().wait_for("document.documentElement.dataset.ready", 120);
}

void ReportPage::go_to(const std::string& page) {
  browser().script("location.hash = arguments[0]", {page});
  browser().wait_for(
      fmt::format("document.getElementById('page').dataset.page === '{}'", page.substr(0, page.find('/'))));
  // Charts are drawn in the next frame.
  browser().wait_for(
      "document.querySelectorAll('canvas').length === document.querySelectorAll('canvas[data-drawn]').length");
}

void ReportPage::expect_clean() {
  EXPECT_EQ(browser().console(), std::vector<std::string>());
  for (const std::string& address : browser().requests()) {
    EXPECT_TRUE(address.starts_with("file:///") && address.find("/report-") != std::string::npos) << address;
  }
  EXPECT_EQ(browser().script("return window.__violations"), nlohmann::json::array());
}

const std::string& telling_html() {
  static const std::string html = html_of_checkpoints(800);
  return html;
}

const std::string& small_html() {
  static const std::string html = html_of_checkpoints(40);
  return html;
}

std::string programs_html() {
  MadeStore made;
  made.add("main", programs({}, "m"));
  made.add("pr", programs({"timeout", "crash", "memory", "failed"}, "m2"));
  reports::ReportOptions options;
  options.baseline = "main";
  return reports::html_report(reports::testing::report_of(made.store(), {"pr"}, options), made.store());
}

std::string long_html(int samples) {
  MadeStore made;
  made.add("main", questions(samples, 0.7, "m"));
  made.add("pr", questions(samples, 0.5, "m2"));
  reports::ReportOptions options;
  options.baseline = "main";
  return reports::html_report(reports::testing::report_of(made.store(), {"pr"}, options), made.store());
}

}  // namespace assay::testing
