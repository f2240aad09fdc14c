#include "reports/junit_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "reports/plain_text.h"
#include "tests/reports/made_report.h"
#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace assay::reports {
namespace {

using assay::testing::Outcome;
using assay::testing::run_program;
using assay::testing::TemporaryFolder;
using testing::hostile_texts;

// What Python's parser reads in the file, as JSON.
constexpr char kReader[] = R"py(
import json, sys, xml.etree.ElementTree as tree
def counts(e): return {k: int(e.get(k)) for k in ("tests", "failures", "errors", "skipped")}
root = tree.parse(sys.argv[1]).getroot()
assert root.tag == "testsuites", root.tag
suites = []
for s in root:
    assert s.tag == "testsuite", s.tag
    cases = []
    for c in s.findall("testcase"):
        told = [{"tag": e.tag, "type": e.get("type"), "message": e.get("message")} for e in c if e.tag != "system-out"]
        cases.append({"class": c.get("classname"), "name": c.get("name"), "told": told,
                      "out": c.findtext("system-out", "")})
    properties = {p.get("name"): p.get("value") for p in s.find("properties")}
    suites.append({"name": s.get("name"), "counts": counts(s), "properties": properties, "cases": cases})
json.dump({"counts": counts(root), "suites": suites}, sys.stdout)
)py";

bool has_python() {
  return run_program("/usr/bin/env", {{"python3", "-c", ""}, {}, {}, 0, 0}).exit == 0;
}

nlohmann::json parsed(const std::string& xml) {
  const TemporaryFolder folder;
  const std::string file = folder.write("report.xml", xml).string();
  const Outcome outcome = run_program("/usr/bin/env", {{"python3", "-c", kReader, file}, {}, {}, 0, 0});
  EXPECT_EQ(outcome.exit, 0) << outcome.err;
  return outcome.exit == 0 ? nlohmann::json::parse(outcome.out) : nlohmann::json();
}

TEST(JunitReport, ARealParserReadsEveryReport) {
  if (!has_python()) GTEST_SKIP() << "no python3";
  for (const auto& [name, report] : testing::golden_reports()) {
    SCOPED_TRACE(name);
    const nlohmann::json read = parsed(junit_report(report));
    ASSERT_FALSE(read.is_null());
    std::map<std::string, int> told;
    int tests = 0;
    for (const auto& suite : read.at("suites")) {
      EXPECT_EQ(suite.at("counts").at("tests"), suite.at("cases").size());
      for (const auto& test : suite.at("cases")) {
        ++tests;
        ASSERT_LE(test.at("told").size(), 1U);
        for (const auto& element : test.at("told")) ++told[element.at("tag")];
      }
    }
    EXPECT_EQ(tests, std::ssize(report.runs));
    const nlohmann::json expected = {
        {"tests", tests}, {"failures", told["failure"]}, {"errors", told["error"]}, {"skipped", told["skipped"]}};
    EXPECT_EQ(read.at("counts"), expected);
  }
}

TEST(JunitReport, HostileTextsComeBackAsText) {
  if (!has_python()) GTEST_SKIP() << "no python3";
  for (const auto& [name, report] : testing::golden_reports()) {
    if (name != "hostile") continue;
    const nlohmann::json read = parsed(junit_report(report));
    const auto& cases = read.at("suites").at(0).at("cases");
    ASSERT_EQ(cases.size(), hostile_texts().size());
    for (size_t i = 0; i < cases.size(); ++i) {
      EXPECT_EQ(cases[i].at("name"), plain_line("task " + hostile_texts()[i], 1000));
    }
  }
}

TEST(JunitReport, EachVerdictHasItsElement) {
  if (!has_python()) GTEST_SKIP() << "no python3";
  const struct {
    ReportVerdict verdict;
    const char* tag;  // empty: a test that passed
  } cases[] = {
      {ReportVerdict::kRegressed, "failure"},
      {ReportVerdict::kWorse, "failure"},
      {ReportVerdict::kRefused, "error"},
      {ReportVerdict::kUnfinished, "error"},
      {ReportVerdict::kInconclusive, "skipped"},
      {ReportVerdict::kUnscored, "skipped"},
      {ReportVerdict::kUnpaired, "skipped"},
      {ReportVerdict::kBetter, ""},
      {ReportVerdict::kPassed, ""},
      {ReportVerdict::kNoDifference, ""},
      {ReportVerdict::kScored, ""},
  };
  for (const auto& [verdict, tag] : cases) {
    SCOPED_TRACE(to_string(verdict));
    Report report;
    report.runs.resize(1);
    report.runs[0].verdict = verdict;
    report.runs[0].message = "why \x01 \xff <&>\"'";
    const nlohmann::json read = parsed(junit_report(report));
    const auto& told = read.at("suites").at(0).at("cases").at(0).at("told");
    if (std::string(tag).empty()) {
      EXPECT_TRUE(told.empty());
      continue;
    }
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].at("tag"), tag);
    EXPECT_EQ(told[0].at("type"), to_string(verdict));
    EXPECT_EQ(told[0].at("message"), words_for(verdict) + ": why \xef\xbf\xbd \xef\xbf\xbd <&>\"'");
  }
}

TEST(PlainLine, HoldsWhatXmlMayHold) {
  for (const std::string& text : hostile_texts()) {
    const std::string line = plain_line(text, 1000);
    EXPECT_TRUE(is_valid_utf8(line));
    for (size_t offset = 0; offset < line.size();) {
      const char32_t c = next_code_point(line, offset);
      EXPECT_TRUE((c >= 0x20 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF));
    }
  }
  EXPECT_EQ(plain_line(std::string(100'000, 'x'), 3), "xxx…");
  EXPECT_EQ(plain_line("abc", 3), "abc");
}

}  // namespace
}  // namespace assay::reports
