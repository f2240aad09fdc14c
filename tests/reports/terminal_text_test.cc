// What `show`, `runs`, `compare` and `gate` print: as approved, and never wider than 80 columns.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/display_width.h"
#include "base/file.h"
#include "base/text.h"
#include "reports/comparison_text.h"
#include "reports/executions.h"
#include "reports/gate.h"
#include "reports/manifest_text.h"
#include "reports/run_table.h"
#include "tests/reports/made_report.h"
#include "tests/support/approved.h"

namespace assay::reports {
namespace {

using testing::made_run;
using testing::MadeRun;
using testing::MadeStore;

const TextStyle kUnicode{};
const TextStyle kPlain{.unicode = false, .colour = false};

void expect_approved_text(const std::string& name, const std::string& text) {
  assay::testing::expect_approved("tests/reports/golden/terminal-" + name + ".txt", text);
}

// At most 80 columns, and nothing that does more to a terminal than to stand there.
void expect_fits(const std::string& text) {
  for (const std::string_view line : split_lines(text)) {
    EXPECT_LE(display_width(line), 80U) << line;
    EXPECT_EQ(line.find_first_of("\r\t\x1b\x07\x7f"), std::string_view::npos) << line;
    EXPECT_EQ(line.find("\u202e"), std::string_view::npos) << line;
    EXPECT_TRUE(is_valid_utf8(line)) << line;
  }
}

store::Run a_run(const std::string& task, std::vector<scorers::Metric> metrics) {
  store::Run run;
  run.info = {7, 1, "night-12", task, "lm_eval", store::State::kDone, 150, 150, "2026-11-25T14:03:07Z"};
  run.manifest = testing::ordinary_manifest(task, "/models/run-7/step-2000");
  run.metrics = std::move(metrics);
  return run;
}

scorers::Metric share(const std::string& name, const std::string& filter, const std::string& subset,
                      const std::string& average, double value, double error, int n) {
  return {
      name, filter, subset, average, value, error, std::max(0.0, value - 2 * error), std::min(1.0, value + 2 * error),
      n};
}

store::Run mmlu() {
  return a_run("mmlu", {share("acc", "", "", "micro", 0.654, 0.004, 14042),
                        share("acc", "", "", "macro", 0.661, 0.0041, 14042),
                        share("acc", "", "stem", "micro", 0.561, 0.008, 3153),
                        share("acc", "", "anatomy", "micro", 0.6, 0.042, 135),
                        share("acc", "", "high_school_government_and_politics", "micro", 0.9, 0.021, 193),
                        share("acc", "", "high_school_macroeconomics", "micro", 0.63, 0.024, 390),
                        share("acc", "", "high_school_microeconomics", "micro", 0.66, 0.031, 238),
                        {"acc", "", "virology", "micro", 1, NAN, NAN, NAN, 1}});
}

std::vector<store::Run> several_runs() {
  store::Run interrupted = a_run("arc_easy", {});
  interrupted.info.state = store::State::kInterrupted;
  interrupted.info.answered = 20;
  store::Run programs = a_run("humaneval", {});
  programs.scorer_version = "code/2";
  return {mmlu(),
          a_run("gsm8k_cot", {share("exact_match", "strict-match", "", "micro", 0.9333, 0.0325, 60),
                              share("exact_match", "flexible-extract", "", "micro", 0.95, 0.02, 60)}),
          a_run("text:novel.txt", {{"perplexity", "", "", "micro", 12.3456, 0.5, 11.3, 13.4, 80},
                                   {"bits_per_byte", "", "", "micro", 0.8123, 0.01, 0.79, 0.83, 80}}),
          interrupted, programs};
}

std::string shown(const std::vector<store::Run>& runs, const TextStyle& style) {
  std::string text = runs_list(runs, style) + "\n" + runs_table(runs, style);
  for (const store::Run& run : runs) text += "\n" + run_details(run, style);
  return text + manifest_text(runs.front(), style);
}

TEST(TerminalText, RunsAreAsApproved) {
  expect_approved_text("show", shown(several_runs(), kUnicode));
  expect_approved_text("show-ascii", shown(several_runs(), kPlain));
  expect_fits(shown(several_runs(), kUnicode));
  expect_fits(shown(several_runs(), kPlain));
  const std::string ascii = shown(several_runs(), kPlain);
  EXPECT_TRUE(std::all_of(ascii.begin(), ascii.end(), [](unsigned char c) { return c < 0x80; })) << ascii;
}

TEST(TerminalText, SixtyRunsAndNone) {
  std::vector<store::Run> runs;
  for (int i = 0; i < 60; ++i) {
    runs.push_back(a_run(fmt::format("quiz-{}", i), {share("acc", "", "", "micro", i / 59.0, 0.03, 200)}));
    runs.back().info.number = i + 1;
  }
  expect_approved_text("sixty-runs", runs_table(runs));
  expect_fits(runs_table(runs) + runs_list(runs));
  EXPECT_EQ(split_lines(runs_list({})).size(), 1U) << "the header says that there is nothing below it";
}

std::vector<TaskComparison> compared(MadeStore& made, const std::vector<MadeRun>& a, const std::vector<MadeRun>& b) {
  const std::vector<store::Run> runs_a = made.add("early", a);
  const std::vector<store::Run> runs_b = made.add("late", b);
  ComparisonOptions options;
  options.by_subset = true;
  std::vector<TaskComparison> tasks;
  for (size_t i = 0; i < a.size(); ++i) tasks.push_back(compare_runs(made.store(), runs_a[i], runs_b[i], options));
  correct_over_tasks(tasks);
  return tasks;
}

MadeRun with_subsets(MadeRun run) {
  const char* const names[] = {"botany", "high_school_government_and_politics", "high_school_macroeconomics",
                               "high_school_microeconomics", "zoology"};
  for (size_t i = 0; i < run.samples.size(); ++i) run.samples[i].subset = names[i * 5 / run.samples.size()];
  return run;
}

TEST(TerminalText, ComparisonsAreAsApproved) {
  MadeStore made;
  const std::string early = "/data/experiments/a-rather-long-name-of-an-experiment/checkpoints/step-1000";
  const std::string late = "/data/experiments/a-rather-long-name-of-an-experiment/checkpoints/step-2000";
  const std::vector<TaskComparison> tasks =
      compared(made,
               {with_subsets(made_run("mmlu", 400, 240, early)), made_run("arc_easy", 400, 300, early),
                made_run("piqa", 400, 290, early)},
               {with_subsets(made_run("mmlu", 400, 330, late)), made_run("arc_easy", 400, 300, late),
                made_run("piqa", 400, 286, late)});
  expect_approved_text("compare", comparison_text(tasks, 3, kUnicode));
  expect_approved_text("compare-ascii", comparison_text(tasks, 3, kPlain));
  expect_fits(comparison_text(tasks, 3, kUnicode));
  expect_fits(comparison_text(tasks, 3, kPlain));
}

TEST(TerminalText, OneSampleIsCompared) {
  MadeStore made;
  const std::vector<TaskComparison> tasks = compared(made, {made_run("mmlu", 1, 0)}, {made_run("mmlu", 1, 1)});
  expect_approved_text("compare-one-sample", comparison_text(tasks, 3));
  expect_fits(comparison_text(tasks, 3));
}

// Long, wide, narrow and dangerous names, beside those of the reports.
std::vector<std::string> hostile_names() {
  std::vector<std::string> names = testing::hostile_texts();
  const auto repeated = [](const std::string& text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
  };
  names.push_back(std::string(300, 'x'));
  names.push_back("/models/" + repeated("folder/", 60) + "step-2000");
  names.push_back(repeated("東京", 80));
  names.push_back(repeated("\U0001F469\u200D\U0001F469\u200D\U0001F467", 40));
  names.push_back(repeated("\u2764\uFE0F", 60));
  names.push_back(repeated("\U0001FADF", 60));  // unknown to Unicode 14
  names.push_back("e" + repeated("\u0301", 1000));
  names.push_back(repeated("\u200b", 200));
  names.push_back(repeated("words and spaces ", 30));
  names.push_back("\x1b[2J\x1b[1;1H\x1b]0;title\x07" + repeated("y", 90));
  names.push_back("");
  return names;
}

TEST(TerminalText, NoNameOfARunMakesALineWide) {
  std::vector<store::Run> all;
  for (const std::string& name : hostile_names()) {
    store::Run run = a_run(
        name, {share(name, name, "", "micro", 0.5, 0.1, 150), share(name, name, "", name, 0.5, 0.1, 150),
               share("acc", "", name, "micro", 0.5, 0.1, 30), share("acc", "", name + "2", "micro", 0.5, 0.1, 30)});
    run.info.batch = run.info.protocol = name;
    run.manifest["model_name"] = run.manifest["asked"][name] = name;
    run.manifest["scored"]["averaged_subsets"] = {name, name};
    all.push_back(run);
    store::Run none = run;
    none.metrics.clear();
    all.push_back(none);
    for (const TextStyle& style : {kUnicode, kPlain}) {
      expect_fits(run_details(run, style) + run_details(none, style) + manifest_text(run, style));
    }
    Executions executions{3, {{name, 3}}, {name, name}, {{name, name}}};
    expect_fits(executions_text(executions));
    Reference reference;
    reference.number = {name, name, "mmlu", name, 50, name, "percent", "5", name, name, name, name, "primary", ""};
    reference.sentence = "measured with another setting (" + name + ")";
    expect_fits(references_text({reference, reference}, kUnicode, "A: "));
  }
  for (const TextStyle& style : {kUnicode, kPlain}) expect_fits(runs_list(all, style) + runs_table(all, style));
}

TEST(TerminalText, NoNumberMakesALineWide) {
  const double largest = std::numeric_limits<double>::max();
  const double infinite = std::numeric_limits<double>::infinity();
  std::vector<scorers::Metric> metrics;
  for (const double value :
       {0.0, 0.5, 1.0, 9999.9999, 99999.5, 1e9, largest, -largest, infinite, -infinite, double{NAN}}) {
    for (const char* name : {"acc", "perplexity"}) {
      metrics.push_back({name, "", "", "micro", value, value, -value, value, std::numeric_limits<int>::max()});
      metrics.push_back({name, "", "a subset", "micro", value, value, -value, value, 1});
    }
  }
  store::Run run = a_run(std::string(40, 't'), metrics);
  run.info.number = std::numeric_limits<int64_t>::max();
  run.info.n = std::numeric_limits<size_t>::max();
  run.info.answered = run.info.n - 1;
  run.info.state = store::State::kInterrupted;
  run.info.protocol = "llama3_instruct";
  for (const TextStyle& style : {kUnicode, kPlain}) {
    expect_fits(runs_list({run}, style) + runs_table({run}, style) + run_details(run, style));
  }
}

TEST(TerminalText, NothingInAComparisonMakesALineWide) {
  const double largest = std::numeric_limits<double>::max();
  for (const std::string& name : hostile_names()) {
    MadeStore made;
    std::vector<TaskComparison> tasks = compared(made, {made_run("mmlu", 40, 30)}, {made_run("mmlu", 40, 20)});
    TaskComparison& task = tasks.front();
    for (store::Run* run : {&task.a, &task.b}) {
      run->info.batch = run->info.task = name;
      run->manifest["model_name"] = name;
    }
    task.comparability.facts.push_back({nullptr, "computed." + name, name, store::Json(name + "2")});
    task.comparability.facts.push_back({nullptr, "computed.known", name, "unknown"});
    task.comparability.allowed.push_back({name, name, name});
    task.warnings.push_back(name);
    task.flips.insert(task.flips.begin(), {name, name, name, name, name, largest, -largest, largest});
    task.subsets.push_back({name, task.scores.front()});
    task.subsets.push_back({name + "2", task.scores.front()});
    task.scores.push_back(task.scores.front());
    ScoreComparison& huge = task.scores.back();
    huge.name = {name, name, name};
    huge.share = huge.paired.binary = false;
    huge.paired.a = huge.paired.b = huge.paired.difference = -largest;
    huge.paired.interval = {-largest, largest};
    for (const TextStyle& style : {kUnicode, kPlain}) expect_fits(comparison_text(tasks, 2, style));
  }
}

TEST(TerminalText, AGateMakesNamesHarmless) {
  MadeStore made;
  const store::Run a = made.add("a", made_run("mmlu", 40, 30));
  const store::Run b = made.add("b", made_run("mmlu", 40, 30));
  GateReportOptions options;
  options.margin_points = 5;
  GateReport report = gate_runs(made.store(), {{a, b}, {a, b}}, options);
  for (GateTask& task : report.tasks) task.baseline.info.task = "mm\x1b[2Jlu\n";
  const std::string text = gate_text(report);
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
  EXPECT_EQ(split_lines(text).size(), 3U) << "a line a task, the verdict last\n" << text;
}

}  // namespace
}  // namespace assay::reports
