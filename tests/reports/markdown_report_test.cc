#include "reports/markdown_report.h"

#include <gtest/gtest.h>

#include <regex>

#include "base/file.h"
#include "base/text.h"
#include "reports/markdown_text.h"
#include "tests/reports/made_report.h"

namespace assay::reports {
namespace {

using testing::hostile_texts;
using testing::made_run;
using testing::MadeRun;
using testing::MadeStore;
using testing::report_of;

// The line without its code spans, found as CommonMark says: a run of back ticks closed by the next run as long.
std::string without_code(std::string_view line) {
  const auto run_at = [&](size_t i) { return std::min(line.find_first_not_of('`', i), line.size()) - i; };
  std::string rest;
  for (size_t i = 0; i < line.size();) {
    if (line[i] != '`') {
      rest += line[i++];
      continue;
    }
    const size_t fence = run_at(i);
    size_t end = i + fence;
    while (end < line.size() && (line[end] != '`' || run_at(end) != fence)) {
      end += line[end] == '`' ? run_at(end) : 1;
    }
    EXPECT_LT(end, line.size()) << "a code span without its end: " << line;
    i = end + fence;
  }
  return rest;
}

// A row's cells, read as `any_slash` says: a bar behind any back slash is text, or a bar behind an odd number of them.
std::vector<std::string> cells_of(std::string_view row, bool any_slash) {
  std::vector<std::string> cells(1);
  size_t slashes = 0;
  for (const char c : row) {
    const bool text = any_slash ? slashes > 0 : slashes % 2 == 1;
    if (c == '|' && !text) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
    slashes = c == '\\' ? slashes + 1 : 0;
  }
  return cells;
}

// Nothing but what markdown_report.cc itself writes stands outside code spans.
void expect_tame(const std::string& markdown) {
  static const std::regex kOwnWords(R"([-A-Za-z0-9 ,.;:()+*–→'%/]*)");
  size_t columns = 0;
  for (const std::string_view line : split_lines(markdown)) {
    if (line == "<details><summary>Where the numbers come from</summary>" || line == "</details>") continue;
    if (line.starts_with("| ")) {
      for (const bool any_slash : {false, true}) {
        const std::vector<std::string> cells = cells_of(line, any_slash);
        if (columns == 0) columns = cells.size();
        EXPECT_EQ(cells.size(), columns) << line;
        for (const std::string& cell : cells) {
          const std::string rest = without_code(cell);
          EXPECT_TRUE(std::regex_match(rest, kOwnWords)) << rest << "\n" << line;
        }
      }
      continue;
    }
    columns = 0;
    std::string rest = without_code(line);
    if (rest.starts_with("## Assay: ")) rest = rest.substr(3);
    if (rest.starts_with("### Most telling") || rest == "### What people preferred") rest = rest.substr(4);
    EXPECT_TRUE(std::regex_match(rest, kOwnWords)) << rest << "\n" << line;
    EXPECT_EQ(rest.find("www."), std::string::npos);
    EXPECT_EQ(rest.find("://"), std::string::npos);
  }
}

TEST(MarkdownText, EveryTextBecomesOneCodeSpan) {
  for (const std::string& text : hostile_texts()) {
    EXPECT_EQ(without_code(markdown_code(text, 100)), text == "   " ? "–" : "") << text;
    for (const bool any_slash : {false, true}) {
      EXPECT_EQ(cells_of(markdown_cell(text, 100), any_slash).size(), 1U) << text;
    }
  }
  const struct {
    const char* text;
    const char* code;
    const char* cell;
  } cases[] = {
      {"plain", "`plain`", "`plain`"},
      {"", "–", "–"},
      {"a ` b", "``a ` b``", "``a ` b``"},
      {"`", "`` ` ``", "`` ` ``"},
      {"a|b", "`a|b`", "`a\\|b`"},
      {"a\\|b", "`a\\|b`", "`a\\\\\\|b`"},
      {"a\nb\tc", "`a b c`", "`a b c`"},
      {"a\x1b[31m", "`a\xef\xbf\xbd[31m`", "`a\xef\xbf\xbd[31m`"},
      {"\xff", "`\xef\xbf\xbd`", "`\xef\xbf\xbd`"},
      {"\u202eabc", "`\xef\xbf\xbd\x61\x62\x63`", "`\xef\xbf\xbd\x61\x62\x63`"},
      {"\u05d0", "`\u05d0`", "`\u05d0`"},
      {"abcdefghijk", "`abcdefghij…`", "`abcdefghij…`"},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(markdown_code(each.text, 10), each.code);
    EXPECT_EQ(markdown_cell(each.text, 10), each.cell);
  }
}

TEST(MarkdownReport, NoTextBecomesMarkup) {
  for (const auto& [name, report] : testing::golden_reports()) {
    SCOPED_TRACE(name);
    expect_tame(markdown_report(report));
  }
}

TEST(MarkdownReport, TheVerdictComesFirst) {
  for (const auto& [name, report] : testing::golden_reports()) {
    EXPECT_TRUE(markdown_report(report).starts_with("## Assay: " + words_for(report.verdict) + "\n")) << name;
  }
}

TEST(MarkdownReport, StaysBelowTheLimitWhateverComes) {
  // Sixty runs, each with names, answers and tags of 100 KB of a character that takes the most bytes.
  std::string wide;
  while (wide.size() < 100'000) wide += "\U0001F600|";
  MadeStore made;
  std::vector<MadeRun> baseline;
  std::vector<MadeRun> candidate;
  for (int i = 0; i < 60; ++i) {
    MadeRun run = made_run(std::to_string(i) + wide, 0, 0, wide);
    run.samples = {{.id = wide, .score = 1}, {.id = "b", .score = 1}};
    for (auto& sample : run.samples) sample.text = sample.extracted = sample.gold = wide;
    baseline.push_back(run);
    for (auto& sample : run.samples) sample.score = 0;
    if (i % 2 == 0) run.manifest["asked"]["shots"] = wide;
    candidate.push_back(run);
  }
  made.add("main", baseline);
  made.add("pr", candidate);
  ReportOptions options;
  options.baseline = "main";
  const std::string text = markdown_report(report_of(made.store(), {"pr"}, options));
  EXPECT_LE(text.size(), kMarkdownLimit);
  EXPECT_GT(text.size(), 20'000U);
  EXPECT_TRUE(is_valid_utf8(text));
  expect_tame(text);
}

TEST(MarkdownReport, WhatDoesNotFitIsCountedAndTheWorstStays) {
  Report report;
  for (int i = 0; i < 2000; ++i) {
    ReportedRun run;
    run.run.info.batch = "night";
    run.run.info.task = "task " + std::to_string(i);
    run.verdict = i == 1999 ? ReportVerdict::kUnfinished : ReportVerdict::kScored;
    report.runs.push_back(run);
  }
  const std::string text = markdown_report(report);
  EXPECT_LE(text.size(), kMarkdownLimit);
  EXPECT_NE(text.find("`task 1999`"), std::string::npos);
  EXPECT_NE(text.find(" runs not shown here for want of space."), std::string::npos);
  expect_tame(text);
}

TEST(MarkdownReport, TwoCheckpointsOfOneFolderAreToldApart) {
  MadeStore made;
  const std::string folder = "/data/experiments/a-rather-long-name-of-an-experiment/checkpoints/";
  made.add("main", made_run("mmlu", 10, 5, folder + "step-1000"));
  made.add("pr", made_run("mmlu", 10, 5, folder + "step-2000"));
  made.add("long", made_run("mmlu", 10, 5, folder + std::string(60, 'x') + "-step-3000"));
  ReportOptions options;
  options.baseline = "main";
  const std::string text = markdown_report(report_of(made.store(), {"pr"}, options));
  EXPECT_NE(text.find("`pr` (model `step-2000`) against `main` (model `step-1000`)"), std::string::npos) << text;
  const std::string cut = markdown_report(report_of(made.store(), {"long"}, options));
  EXPECT_NE(cut.find("xxxx…xxx"), std::string::npos) << cut;
  EXPECT_NE(cut.find("-step-3000`)"), std::string::npos) << cut;
}

}  // namespace
}  // namespace assay::reports
