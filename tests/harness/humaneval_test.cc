// HumanEval from answers to pass@k, through the jail: verdicts, samples, a stop in the middle, and what is refused.
#include <gtest/gtest.h>

#include <functional>
#include <iostream>
#include <map>

#include "tests/harness/assay.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using nlohmann::json;

// Why this machine cannot execute programs with every layer; empty where it can.
const std::string& no_jail() {
  static const std::string reason = [] {
    const Outcome outcome = assay({"sandbox", "run", "--", "true"});
    return outcome.exit == 69 ? outcome.err : std::string();
  }();
  return reason;
}

#define ASSAY_REQUIRE_JAIL() \
  if (!no_jail().empty()) GTEST_SKIP() << "no jail on this machine: " << no_jail()

class HumanEval {
 public:
  explicit HumanEval(std::filesystem::path data)
      : data_(std::move(data)), rows_(read_json_lines(data_ / "humaneval/HumanEval.jsonl")) {}

  const std::vector<json>& rows() const { return rows_; }
  std::string database() const { return folder_ / "assay.db"; }

  // A file with `completion` of each of the first `limit` problems, `samples` times; what runs it.
  std::vector<std::string> command(const std::string& name, size_t limit,
                                   const std::function<std::string(const json&, size_t)>& completion,
                                   size_t samples = 1) const {
    std::string lines;
    for (size_t i = 0; i < limit; ++i) {
      for (size_t sample = 0; sample < samples; ++sample) {
        lines += json{{"task_id", rows_[i].at("task_id")}, {"completion", completion(rows_[i], sample)}}.dump() + "\n";
      }
    }
    const std::string file = folder_.write(name + ".jsonl", lines);
    return {"run",
            "--model",
            "responses:" + file,
            "--tasks",
            "humaneval",
            "--limit",
            std::to_string(limit),
            "--data-dir",
            data_,
            "--db",
            database(),
            "--name",
            name,
            "--json",
            "--quiet"};
  }

  json run(const std::string& name, size_t limit, const std::function<std::string(const json&, size_t)>& completion,
           size_t samples = 1) const {
    return json::parse(assay_ok(command(name, limit, completion, samples)).out).at("runs").at(0);
  }

  std::string exported(const std::string& name) const {
    return assay_ok({"export", name, "--stable", "--db", database(), "--out", "-"}).out;
  }
  // Outcomes of a run's executions.
  std::map<std::string, int> outcomes(const std::string& name) const {
    const json shown = json::parse(assay_ok({"show", name, "--db", database(), "--json"}).out);
    return shown.at("executions").at("outcomes").get<std::map<std::string, int>>();
  }

 private:
  std::filesystem::path data_;
  std::vector<json> rows_;
  TemporaryFolder folder_;
};

std::string canonical(const json& row, size_t) {
  return row.at("canonical_solution");
}

TEST(HumanEval, EveryCanonicalSolutionPassesAndNoStub) {
  ASSAY_REQUIRE_JAIL();
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const HumanEval tests(data);
  ASSERT_EQ(tests.rows().size(), 164u);
  const json right = tests.run("canonical", 164, canonical);
  EXPECT_EQ(right.at("metrics").at(0).at("name"), "pass@1");
  EXPECT_EQ(right.at("metrics").at(0).at("value"), 1.0) << tests.exported("canonical");
  EXPECT_EQ(right.at("metrics").at(0).at("n"), 164);
  EXPECT_EQ(right.at("manifest").at("scored").at("limits").at("cpu_seconds"), 3);
  EXPECT_EQ(right.at("manifest").at("executed").at("sandbox"), "full");
  EXPECT_FALSE(right.at("manifest").at("executed").at("layers").empty());
  EXPECT_NE(right.at("manifest").at("executed").at("python").get<std::string>().find("3."), std::string::npos);
  EXPECT_EQ(tests.outcomes("canonical"), (std::map<std::string, int>{{"passed", 164}}));

  const std::pair<const char*, const char*> stubs[] = {
      {"pass", "    pass\n"},
      {"none", "    return None\n"},
      {"raise", "    raise ValueError\n"},
      {"exit", "    import os\n    os._exit(0)\n"},
      {"print", "    print('passed')\n"},
      {"equal", "    class E:\n        def __eq__(self, other): return True\n    return E()\n"}};
  for (const auto& [name, text] : stubs) {
    const json wrong = tests.run(name, 164, [&](const json&, size_t) { return std::string(text); });
    EXPECT_EQ(wrong.at("metrics").at(0).at("value"), 0.0) << name;
    EXPECT_FALSE(tests.outcomes(name).contains("passed")) << name;
  }
  std::cout << 164 * (1 + std::size(stubs)) << " programs executed\n";
}

// What lm-evaluation-harness's rules made of SmolLM2's texts: "passed", "timed out" or "failed: ValueError: ...".
TEST(HumanEval, OutcomesAreTheReferences) {
  ASSAY_REQUIRE_JAIL();
  ASSAY_REQUIRE_SHARED(data, "datasets");
  ASSAY_REQUIRE_SHARED(golden, "golden/lm_eval");
  std::map<std::string, json> reference;
  for (const json& row : read_json_lines(golden / "humaneval.jsonl.gz")) reference[row.at("native_id")] = row;
  const HumanEval tests(data);
  tests.run("reference", reference.size(),
            [&](const json& row, size_t) { return reference.at(row.at("task_id")).at("text").get<std::string>(); });
  const std::string text = assay_ok({"export", "reference", "--db", tests.database(), "--out", "-"}).out;
  size_t compared = 0;
  for (const std::string_view line : split_lines(text)) {
    const json ours = json::parse(line);
    const std::string theirs = reference.at(ours.at("id")).at("code_outcome");
    const json& execution = ours.at("execution");
    EXPECT_EQ(execution.at("outcome") == "passed", theirs == "passed") << ours.at("id");
    if (theirs.starts_with("failed: ")) {
      // The class of the exception begins the last line of our error.
      const std::string kind = theirs.substr(8, theirs.find(':', 8) - 8);
      const std::string error = execution.at("error");
      const size_t last = error.rfind('\n');
      EXPECT_TRUE(error.substr(last == std::string::npos ? 0 : last + 1).starts_with(kind)) << ours.at("id") << error;
    }
    ++compared;
  }
  EXPECT_EQ(compared, reference.size());
  std::cout << compared << " outcomes compared with the reference's\n";
}

TEST(HumanEval, ExecutionsAreTold) {
  ASSAY_REQUIRE_JAIL();
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const HumanEval tests(data);
  tests.run("mixed", 3, [](const json& row, size_t) {
    if (row.at("task_id") == "HumanEval/0") return canonical(row, 0);
    return std::string(row.at("task_id") == "HumanEval/1" ? "    while True: pass\n" : "    return 1 +\n");
  });
  EXPECT_EQ(tests.outcomes("mixed"), (std::map<std::string, int>{{"failed", 1}, {"passed", 1}, {"timeout", 1}}));
  const std::string text = assay_ok({"export", "mixed", "--db", tests.database(), "--out", "-"}).out;
  std::vector<json> lines;
  for (const std::string_view line : split_lines(text)) lines.push_back(json::parse(line));
  ASSERT_EQ(lines.size(), 3u);
  for (const json& line : lines) {
    EXPECT_EQ(line.at("code_sha256").get<std::string>().size(), 64u);
    EXPECT_FALSE(line.at("execution").at("limits").empty());
    EXPECT_GE(line.at("execution").at("wall_ms").get<double>(), 0);
  }
  EXPECT_EQ(lines[0].at("scores").at("passed"), 1);
  EXPECT_FALSE(lines[0].at("execution").contains("error"));
  EXPECT_GE(lines[1].at("execution").at("cpu_ms").get<double>(), 2500) << "processor time decides";
  EXPECT_NE(lines[2].at("execution").at("error").get<std::string>().find("SyntaxError"), std::string::npos) << lines[2];
  EXPECT_EQ(lines[2].at("scores").at("passed"), 0);
  const std::string shown = assay_ok({"show", "mixed", "--db", tests.database()}).out;
  EXPECT_NE(shown.find("executed 3: "), std::string::npos) << shown;
}

TEST(HumanEval, SeveralSamplesGivePassAtK) {
  ASSAY_REQUIRE_JAIL();
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const HumanEval tests(data);
  // Of 11 samples of each of 2 problems, 0 and 1 are right.
  const json run = tests.run(
      "several", 2,
      [](const json& row, size_t sample) {
        return sample == 4 && row.at("task_id") == "HumanEval/1" ? canonical(row, 0) : std::string("    return 0\n");
      },
      11);
  const std::tuple<const char*, double> expected[] = {
      {"pass@1", 1.0 / 11 / 2}, {"pass@10", 10.0 / 11 / 2}, {"pass@11", 0.5}};
  ASSERT_EQ(run.at("metrics").size(), 3u);
  for (size_t i = 0; i < 3; ++i) {
    const json& metric = run.at("metrics").at(i);
    EXPECT_EQ(metric.at("name"), std::get<0>(expected[i]));
    EXPECT_NEAR(metric.at("value").get<double>(), std::get<1>(expected[i]), 1e-12);
    EXPECT_EQ(metric.at("n"), 2);
  }
}

// Two endless loops hold both places of a small machine when the time is over: the answers are stored, what had no
// verdict gets one later, and the result has the bytes of a run that nobody stopped.
TEST(HumanEval, AStopLosesNothing) {
  ASSAY_REQUIRE_JAIL();
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const HumanEval tests(data);
  const auto completion = [](const json& row, size_t) {
    const std::string id = row.at("task_id");
    return id == "HumanEval/2" || id == "HumanEval/3" ? std::string("    while True: pass\n") : canonical(row, 0);
  };
  tests.run("whole", 8, completion);
  std::vector<std::string> stopped = tests.command("stopped", 8, completion);
  stopped.insert(stopped.end(), {"--time-limit", "1.5"});
  const Outcome outcome = assay(stopped);
  EXPECT_EQ(outcome.exit, 130) << outcome.err;
  EXPECT_NE(outcome.err.find("--resume stopped"), std::string::npos) << outcome.err;
  const std::string before = tests.exported("stopped");
  EXPECT_EQ(std::count(before.begin(), before.end(), '\n'), 8) << "every answer is stored";
  EXPECT_NE(before.find("\"scores\":{}"), std::string::npos) << "some wait for their verdict";

  assay_ok({"run", "--resume", "stopped", "--db", tests.database(), "--quiet"});
  EXPECT_EQ(tests.exported("stopped"), tests.exported("whole"));
  EXPECT_EQ(tests.outcomes("stopped"), (std::map<std::string, int>{{"passed", 6}, {"timeout", 2}}));
}

TEST(HumanEval, WithoutExecutionTheTableSaysSo) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const HumanEval tests(data);
  std::vector<std::string> command = tests.command("texts", 3, canonical);
  std::erase(command, "--json");
  command.push_back("--no-execute");
  EXPECT_NE(assay_ok(command).out.find("3 answers, not executed"), std::string::npos);
  const std::string lines = tests.exported("texts");
  EXPECT_EQ(lines.find("\"execution\""), std::string::npos);
  EXPECT_NE(lines.find("\"extracted\":{\"completion\""), std::string::npos);
  const json shown = json::parse(assay_ok({"show", "texts", "--db", tests.database(), "--json"}).out);
  EXPECT_FALSE(shown.contains("executions"));
  EXPECT_FALSE(shown.at("manifest").contains("executed"));
  assay_ok({"run", "--resume", "texts", "--db", tests.database(), "--quiet"});
  EXPECT_EQ(tests.exported("texts"), lines);
}

// The program alone, without assay-jail beside it.
TEST(HumanEval, WithoutASandboxNothingBegins) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const HumanEval tests(data);
  const TemporaryFolder folder;
  const std::filesystem::path alone = folder / "assay";
  std::filesystem::copy_file(ASSAY_PROGRAM, alone);
  const Outcome refused = run_program(alone, {tests.command("refused", 2, canonical), {}, {}, 0, 0});
  EXPECT_EQ(refused.exit, 69) << refused.err;
  for (const char* said : {"--sandbox reduced", "--no-execute"}) {
    EXPECT_NE(refused.err.find(said), std::string::npos) << refused.err;
  }
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(tests.database())) << "refused before anything was stored";
  EXPECT_EQ(run_program(alone, {{"sandbox", "check"}, {}, {}, 0, 0}).exit, 69);
  EXPECT_EQ(run_program(alone, {{"doctor"}, {}, {}, 0, 0}).exit, 0);
  // A task without programs does not ask for a sandbox.
  const Outcome planned = run_program(
      alone, {{"run", "--model",
               "responses:" + folder.write("a.jsonl", "{\"id\":\"gsm8k/test/0\",\"text\":\"18\"}\n").string(),
               "--tasks", "gsm8k_cot", "--limit", "1", "--data-dir", data, "--db", folder / "b.db"},
              {},
              {},
              0,
              0});
  EXPECT_EQ(planned.exit, 0) << planned.err;
}

TEST(HumanEval, SeveralSamplesAreSampled) {
  ASSAY_REQUIRE_SHARED(model, "models/TinyStories-656K");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const TemporaryFolder folder;
  const auto decoding = [&](std::vector<std::string> more) {
    std::vector<std::string> command = {"run",  "--model",       model,    "--tasks",      "humaneval",  "--limit",
                                        "1",    "--max-tokens",  "4",      "--no-execute", "--data-dir", data,
                                        "--db", folder / "a.db", "--json", "--quiet"};
    command.insert(command.end(), more.begin(), more.end());
    const json run = json::parse(assay_ok(command).out).at("runs").at(0);
    return run.at("manifest").at("asked").at("decoding");
  };
  const json greedy = decoding({});
  EXPECT_EQ(greedy.at("temperature"), 0);
  EXPECT_EQ(greedy.at("samples"), 1);
  const json sampled = decoding({"--samples", "3"});
  EXPECT_EQ(sampled.at("temperature"), 0.8);
  EXPECT_EQ(sampled.at("top_p"), 0.95);
  EXPECT_EQ(sampled.at("samples"), 3);
  EXPECT_EQ(decoding({"--samples", "3", "--temperature", "0.2", "--top-p", "1"}).at("temperature"), 0.2);
}

TEST(SandboxCommand, SaysWhatHappened) {
  ASSAY_REQUIRE_JAIL();
  const TemporaryFolder folder;
  const std::string input = folder.write("in.txt", "b\na\n");
  struct Case {
    std::vector<std::string> arguments;
    const char* outcome;
    int exit;
  };
  for (const Case& test :
       std::vector<Case>{{{"--stdin", input, "--", "sort"}, "finished", 0},
                         {{"--", "sh", "-c", "exit 3"}, "finished", 0},
                         {{"--", "sh", "-c", "kill -SEGV $$"}, "crash", 0},
                         {{"--", "printf", "\\377\\n"}, "finished", 0},
                         {{"--cpu", "0.5", "--", "sh", "-c", "while :; do :; done"}, "timeout", 1},
                         {{"--wall", "0.5", "--", "sleep", "20"}, "timeout", 1},
                         {{"--output", "1", "--", "sh", "-c", "while :; do echo 0123456789; done"}, "output", 1}}) {
    std::vector<std::string> command = {"sandbox", "run", "--json"};
    command.insert(command.end(), test.arguments.begin(), test.arguments.end());
    const Outcome outcome = assay(command);
    SCOPED_TRACE(test.arguments.back());
    EXPECT_EQ(outcome.exit, test.exit) << outcome.err;
    const json told = json::parse(outcome.out);
    EXPECT_EQ(told.at("outcome"), test.outcome) << told;
    for (const char* key : {"exit", "signal", "cpu_ms", "wall_ms", "limits", "stdout", "stderr"}) {
      EXPECT_TRUE(told.contains(key)) << key;
    }
  }
  const json sorted = json::parse(assay_ok({"sandbox", "run", "--json", "--stdin", input, "--", "sort"}).out);
  EXPECT_EQ(sorted.at("stdout"), "a\nb\n");
  EXPECT_EQ(json::parse(assay_ok({"sandbox", "run", "--json", "--", "printf", "\\377"}).out).at("stdout"),
            "\xEF\xBF\xBD");
  EXPECT_EQ(json::parse(assay_ok({"sandbox", "run", "--json", "--", "sh", "-c", "exit 3"}).out).at("exit"), 3);
  const Outcome plain = assay_ok({"sandbox", "run", "--", "sh", "-c", "echo out; echo err >&2"});
  EXPECT_EQ(plain.out, "out\n");
  EXPECT_EQ(plain.err, "err\n");
}

TEST(SandboxCommand, CheckTestsEveryLayer) {
  ASSAY_REQUIRE_JAIL();
  const json layers = json::parse(assay_ok({"sandbox", "check", "--json"}).out);
  EXPECT_GE(layers.size(), 5u);
  for (const json& layer : layers) {
    EXPECT_EQ(layer.at("passed"), layer.at("tested")) << layer;
  }
  EXPECT_NE(assay_ok({"sandbox", "check"}).out.find("passed"), std::string::npos);
}

}  // namespace
}  // namespace assay::testing
