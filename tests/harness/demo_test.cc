// The demo as a person meets it: both checkpoints on every demo task, compared and gated. Needs nothing but the
// project.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iostream>

#include "base/program.h"
#include "tests/harness/execution.h"

namespace assay::testing {
namespace {

using nlohmann::json;

json scored(const std::string& model, const std::string& tasks, const std::string& database, const std::string& name) {
  return json::parse(assay_ok(with_execution({"run", "--model", model, "--tasks", tasks, "--db", database, "--name",
                                              name, "--json", "--quiet"}))
                         .out);
}

const json& run_of(const json& batch, const std::string& task) {
  for (const json& run : batch.at("runs")) {
    if (run.at("task") == task) return run;
  }
  throw std::runtime_error("no run of " + task);
}

struct Case {
  std::string task;
  double chance;
};
const Case kCases[] = {
    {"demo_mmlu", 0.25}, {"demo_arc", 0.25}, {"demo_agieval", 0.25}, {"demo_gsm8k", 0}, {"demo_humaneval", 0}};

TEST(Demo, TheLateCheckpointBeatsChanceAndTheEarlyOne) {
  const TemporaryFolder folder;
  const std::string database = folder / "demo.db";
  const json early = scored("demo:early", "demo", database, "early");
  const json late = scored("demo", "demo", database, "late");
  for (const Case& c : kCases) {
    if (c.task == "demo_humaneval" && !executes()) continue;
    const json& before = run_of(early, c.task).at("metrics").at(0);
    const json& after = run_of(late, c.task).at("metrics").at(0);
    std::cout << fmt::format("{}: chance {:.2f}, early {:.3f}, late {:.3f} [{:.3f}, {:.3f}]\n", c.task, c.chance,
                             before.at("value").get<double>(), after.at("value").get<double>(),
                             after.at("low").get<double>(), after.at("high").get<double>());
    EXPECT_GT(after.at("low"), c.chance + 0.05) << c.task;
  }

  const json compared = json::parse(assay_ok({"compare", "early", "late", "--db", database, "--json"}).out);
  size_t better = 0;
  for (const json& task : compared.at("tasks")) {
    const json& score = task.at("scores").at(0);
    better += score.at("low") > 0;
  }
  EXPECT_GE(better, 4u) << compared.dump(1);

  const auto gate = [&](const std::string& baseline, const std::string& candidate) {
    return assay({"gate", "--baseline", baseline, "--candidate", candidate, "--margin", "2", "--db", database}).exit;
  };
  EXPECT_EQ(gate("early", "late"), 0);
  EXPECT_EQ(gate("late", "early"), 1);
}

TEST(Demo, EveryCanonicalSolutionPassesAndNothingElseDoes) {
  if (!executes()) GTEST_SKIP() << "no jail on this machine, not even a reduced one";
  const TemporaryFolder folder;
  const std::vector<json> functions = read_json_lines(demo_folders().data / "demo_humaneval/functions.jsonl");
  for (const bool canonical : {true, false}) {
    std::string answers;
    for (const json& function : functions) {
      const json completion = canonical ? function.at("canonical_solution") : json("    return None\n");
      answers += json{{"task_id", function.at("task_id")}, {"completion", completion}}.dump() + "\n";
    }
    const std::string name = canonical ? "canonical" : "none";
    const std::string file = folder.write(name + ".jsonl", answers);
    const json batch = scored("responses:" + file, "demo_humaneval", folder / "demo.db", name);
    const json& metric = run_of(batch, "demo_humaneval").at("metrics").at(0);
    EXPECT_EQ(metric.at("n"), functions.size());
    EXPECT_EQ(metric.at("value"), canonical ? 1 : 0);
  }
  std::cout << functions.size() << " canonical solutions passed, and as many empty ones failed\n";
}

TEST(Demo, WhatIsMissingIsNamed) {
  const TemporaryFolder folder;
  const std::map<std::string, std::string> elsewhere{{"ASSAY_DEMO_DIR", folder.path()}};
  const std::vector<std::string> end{"--tasks", "demo", "--db", folder / "demo.db"};
  const auto refused = [&](const std::string& model, const std::map<std::string, std::string>& environment, int exit,
                           const std::string& says) {
    std::vector<std::string> arguments{"run", "--model", model};
    arguments.insert(arguments.end(), end.begin(), end.end());
    const Outcome outcome = assay(with_execution(arguments), environment);
    EXPECT_EQ(outcome.exit, exit) << outcome.err;
    EXPECT_NE(outcome.err.find(says), std::string::npos) << outcome.err;
  };
  refused("demo", elsewhere, 69, folder / "datasets");
  std::filesystem::copy(demo_folders().data, folder / "datasets", std::filesystem::copy_options::recursive);
  refused("demo", elsewhere, 69, folder / "models");
  refused("demo:middle", {}, 64, "demo:early");
}

}  // namespace
}  // namespace assay::testing
