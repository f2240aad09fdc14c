// `assay report` as a person or a CI job calls it.
#include <gtest/gtest.h>

#include "reports/json_report.h"
#include "tests/harness/assay.h"
#include "tests/reports/made_runs.h"

namespace assay::testing {
namespace {

using reports::testing::MadeRun;
using reports::testing::MadeStore;
using reports::testing::scored;

class ReportCommand : public ::testing::Test {
 protected:
  ReportCommand() {
    MadeRun run;
    run.samples = scored({1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
    made_.add("main", run);
    run.samples = scored({0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
    made_.set_tags({{"branch", "topic"}});
    made_.add("pr", run);
  }

  Outcome report(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"report", "--db", made_.store().path().string()});
    return assay(std::move(arguments));
  }
  std::string out(const std::string& name) const { return (folder_ / name).string(); }

  TemporaryFolder folder_;
  MadeStore made_;
};

TEST_F(ReportCommand, WritesSeveralFormatsAtOnce) {
  const Outcome outcome = report({"pr", "--baseline", "main", "--margin", "1", "--out", out("a.md"), "--out",
                                  out("a.xml"), "--out", out("a.json")});
  ASSERT_EQ(outcome.exit, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(read_file(out("a.md")).starts_with("## Assay: regressed\n"));
  EXPECT_NE(read_file(out("a.xml")).find("failures=\"1\""), std::string::npos);
  const nlohmann::json json = nlohmann::json::parse(read_file(out("a.json")));
  EXPECT_EQ(json.at("schema"), reports::kReportSchema);
  EXPECT_EQ(json.at("verdict"), "regressed");
}

TEST_F(ReportCommand, TheSameDatabaseGivesTheSameBytes) {
  for (const char* format : {"markdown", "junit", "json"}) {
    const Outcome first = report({"main", "pr", "--format", format, "--out", "-"});
    const Outcome second = report({"main", "pr", "--format", format, "--out", "-"});
    EXPECT_EQ(first.exit, 0) << first.err;
    EXPECT_FALSE(first.out.empty());
    EXPECT_EQ(first.out, second.out);
  }
}

TEST_F(ReportCommand, TagsAndDatesChoose) {
  const Outcome tagged = report({"--tag", "branch=topic", "--format", "json", "--out", "-"});
  ASSERT_EQ(tagged.exit, 0) << tagged.err;
  const nlohmann::json json = nlohmann::json::parse(tagged.out);
  ASSERT_EQ(json.at("runs").size(), 1U);
  EXPECT_EQ(json.at("runs")[0].at("name"), "pr");
  const Outcome since = report({"--since", "2020-01-01", "--format", "json", "--out", "-"});
  EXPECT_EQ(nlohmann::json::parse(since.out).at("runs").size(), 2U);
}

TEST_F(ReportCommand, RefusalsLeaveNoFile) {
  const struct {
    std::vector<std::string> arguments;
    int exit;
    const char* says;
  } cases[] = {
      {{"pr", "--out", out("x.pdf")}, 64, "json (.json), html (.html)"},
      {{"pr", "--out", out("x.txt")}, 64, "its ending names no format"},
      {{"pr", "--out", "-"}, 64, "--format"},
      {{"pr", "--format", "pdf", "--out", out("x.md")}, 64, "--format"},
      {{"pr", "--format", "json", "--out", out("x.md"), "--out", out("y.md")}, 64, "is for one --out"},
      {{"pr"}, 64, "--out"},
      {{"--out", out("x.md")}, 64, "say which runs"},
      {{"nobody", "--out", out("x.md")}, 64, "no batch named"},
      {{"pr", "--tag", "x", "--out", out("x.md")}, 64, "KEY=VALUE"},
      {{"pr", "--margin", "1", "--out", out("x.md")}, 64, "give --baseline RUN too"},
      {{"pr", "--baseline", "main", "--margin", "-1", "--out", out("x.md")}, 64, "points above 0"},
      {{"pr", "--baseline", "main", "--allow", "shoots", "--out", out("x.md")}, 64, "shots"},
      {{"pr", "--out", out("no/folder/x.md")}, 74, "no/folder/x.md"},
  };
  for (const auto& each : cases) {
    const Outcome outcome = report(each.arguments);
    EXPECT_EQ(outcome.exit, each.exit) << each.says << "\n" << outcome.err;
    EXPECT_NE(outcome.err.find(each.says), std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

nlohmann::json batch_cost(const std::string& name, const std::string& database) {
  const nlohmann::json json =
      nlohmann::json::parse(assay_ok({"report", name, "--format", "json", "--out", "-", "--db", database}).out);
  for (const nlohmann::json& run : json.at("runs")) {
    EXPECT_EQ(run.at("cost").at("batch"), json.at("runs")[0].at("cost").at("batch")) << "of all runs together";
  }
  return json.at("runs")[0].at("cost").at("batch");
}

TEST(ReportCommandAlone, WhatTheModelTookIsThatOfEveryProcess) {
  const TemporaryFolder folder;
  const std::string database = folder / "a.db";
  const std::vector<std::string> run = {"run",     "--model", "demo", "--tasks", "demo_arc,demo_gsm8k",
                                        "--limit", "5",       "--db", database,  "--name"};
  const auto named = [&](const std::string& name, const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments = run;
    arguments.push_back(name);
    arguments.insert(arguments.end(), more.begin(), more.end());
    return assay(arguments).exit;
  };
  EXPECT_EQ(named("whole"), 0);
  assay_ok({"run", "--resume", "whole", "--db", database});  // nothing to do, no session
  const nlohmann::json whole = batch_cost("whole", database);
  EXPECT_EQ(whole.at("sessions"), 1);
  EXPECT_EQ(whole.at("unfinished"), 0);
  EXPECT_GT(whole.at("seconds"), 0);
  EXPECT_GT(whole.at("prompt_tokens"), 100);
  EXPECT_GT(whole.at("generated_tokens"), 10);
  EXPECT_EQ(whole.at("peak_share"), nullptr) << "too short to look at the limit";
  EXPECT_NE(whole.at("computed_by")[0].get<std::string>().find("cpu "), std::string::npos);
  EXPECT_EQ(named("part", {"--time-limit", "0.000001"}), 130);
  assay_ok({"run", "--resume", "part", "--db", database});
  const nlohmann::json parts = batch_cost("part", database);
  EXPECT_EQ(parts.at("sessions"), 2);
  EXPECT_EQ(parts.at("unfinished"), 0);
  EXPECT_GE(parts.at("generated_tokens"), whole.at("generated_tokens"));
}

TEST(ReportCommandAlone, AnEmptyDatabaseSaysWhatToDo) {
  const TemporaryFolder folder;
  { const store::Store store(folder / "a.db", store::Store::Mode::kCreate); }
  const Outcome outcome =
      assay({"report", "latest", "--db", (folder / "a.db").string(), "--out", (folder / "x.md").string()});
  EXPECT_EQ(outcome.exit, 64);
  EXPECT_NE(outcome.err.find("holds no run yet; make one with `assay run`"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace assay::testing
