// Tasks that ask in dialogues, from the command line: prompts without a model, the protocol that a group implies, and
// recorded answers scored as lm-evaluation-harness scored them.
#include <gtest/gtest.h>

#include <iostream>

#include "base/hash.h"
#include "tests/harness/assay.h"
#include "tests/harness/execution.h"
#include "tests/harness/lm_eval_fixture.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using nlohmann::json;

std::vector<json> rendered(std::vector<std::string> arguments, const std::string& data, std::string* notes = nullptr) {
  arguments.insert(arguments.begin(), {"tasks", "render"});
  arguments.insert(arguments.end(), {"--data-dir", data, "--out", "-"});
  const Outcome outcome = assay_ok(arguments);
  if (notes != nullptr) *notes = outcome.err;
  std::vector<json> lines;
  for (const std::string_view line : split_lines(outcome.out)) lines.push_back(json::parse(line));
  return lines;
}

TEST(DialogueTasks, LaunchInstructIsRenderedInTheLlama3FormatWithoutAModel) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  std::map<std::string, int> tasks;
  for (const json& line : rendered({"launch_instruct", "--limit", "1"}, data)) {
    const std::string prompt = line.at("prompt");
    EXPECT_EQ(line.at("protocol"), "llama3_instruct");
    EXPECT_EQ(line.at("request"), "generate");
    EXPECT_EQ(line.at("prompt_sha256"), sha256_hex(prompt));
    EXPECT_FALSE(line.contains("prompt_tokens"));
    EXPECT_TRUE(prompt.starts_with("<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n")) << prompt;
    const std::string question = line.at("turns").at(0).at("content");
    EXPECT_EQ(line.at("turns").at(0).at("role"), "user");
    EXPECT_NE(prompt.find(question), std::string::npos);
    ++tasks[line.at("task")];
  }
  EXPECT_EQ(tasks, (std::map<std::string, int>{{"mmlu", 57}, {"arc_challenge", 1}, {"gsm8k", 1}, {"humaneval", 1}}));
}

TEST(DialogueTasks, TheHarnessTasksShowTheirTurnsWithoutAModel) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  std::string notes;
  const std::vector<json> lines = rendered({"arc_challenge_chat", "--limit", "2"}, data, &notes);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_FALSE(lines[0].contains("prompt") || lines[0].contains("prompt_sha256"));
  EXPECT_EQ(lines[0].at("turns").size(), 2u);
  EXPECT_EQ(lines[0].at("turns").at(1), json({{"role", "assistant"}, {"content", "The best answer is"}}));
  EXPECT_EQ(lines[0].at("stops"), json({"\n\n", "."}));
  EXPECT_NE(notes.find("arc_challenge_chat: its prompts are dialogues"), std::string::npos) << notes;
}

TEST(DialogueTasks, AGroupsProtocolIsImpliedAndAnotherRefused) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const TemporaryFolder folder;
  const std::string answers = "responses:" + folder.write("a.jsonl", R"({"id": "a", "text": "b"})").string();
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"tasks", "render", "launch_instruct", "--out", "-"},
        {"run", "--model", answers, "--tasks", "launch_instruct", "--db", folder / "a.db"},
        {"plan", "--tasks", "launch_instruct", "--detect", "1", "--db", folder / "a.db"}}) {
    for (const char* other : {"lm_eval", "llama3"}) {
      std::vector<std::string> arguments = command;
      arguments.insert(arguments.end(), {"--protocol", other, "--data-dir", data});
      const Outcome outcome = assay(arguments);
      EXPECT_EQ(outcome.exit, 64) << command[0];
      EXPECT_NE(outcome.err.find("under --protocol llama3_instruct alone"), std::string::npos) << outcome.err;
    }
  }
  const Outcome planned = assay_ok(
      {"plan", "--tasks", "launch_instruct", "--detect", "1", "--json", "--data-dir", data, "--db", folder / "a.db"});
  for (const json& task : json::parse(planned.out).at("tasks")) EXPECT_EQ(task.at("protocol"), "llama3_instruct");
  for (const char* lacks : {"agieval_en", "arc_easy", "mmlu_llama"}) {
    const Outcome outcome =
        assay({"tasks", "render", lacks, "--protocol", "llama3_instruct", "--data-dir", data, "--out", "-"});
    EXPECT_EQ(outcome.exit, 64) << outcome.err;
    EXPECT_NE(outcome.err.find("it has: lm_eval"), std::string::npos) << outcome.err;
  }
}

// The texts of golden/lm_eval as answers from elsewhere.
TEST(DialogueTasks, RecordedAnswersGetTheScoresOfTheHarness) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  ASSAY_REQUIRE_SHARED(golden, "golden/lm_eval");
  const struct {
    const char* task;
    const char* file;
    int samples;
  } cases[] = {{"arc_challenge_chat", "arc_challenge_chat", 40}, {"gsm8k_cot_llama", "gsm8k_cot_llama_chat", 16}};
  for (const auto& c : cases) {
    const TemporaryFolder folder;
    const std::vector<json> rows = read_json_lines(golden / (std::string(c.file) + ".jsonl.gz"));
    std::string answers;
    for (const json& row : rows) {
      const std::string id = row.at("native_id").is_string() ? row.at("native_id").get<std::string>()
                                                             : fmt::format("gsm8k/test/{}", row.at("doc_id").dump());
      answers += json{{"id", id}, {"text", row.at("text")}}.dump() + "\n";
    }
    const std::string db = folder / "a.db";
    assay_ok({"run", "--model", "responses:" + folder.write("a.jsonl", answers).string(), "--tasks", c.task, "--limit",
              std::to_string(c.samples), "--data-dir", data, "--db", db, "--name", "r", "--quiet"});
    const std::string exported = folder / "out.jsonl";
    assay_ok({"export", "r", "--db", db, "--out", exported});
    const std::vector<json> lines = read_json_lines(exported);
    ASSERT_EQ(lines.size(), rows.size());
    ASSERT_EQ(static_cast<int>(lines.size()), c.samples);
    int scores = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(lines[i].at("extracted"), rows[i].at("filters")) << c.task << " " << i;
      for (const auto& [filter, value] : lines[i].at("scores").items()) {
        EXPECT_EQ(value, rows[i].at("metrics").at("exact_match," + filter)) << c.task << " " << i;
        ++scores;
      }
      EXPECT_EQ(lines[i].at("gold"), rows[i].at("gold"));
    }
    std::cout << c.task << ": " << scores << " scores and their extractions equal the harness's\n";
  }
}

TEST(DialogueTasks, ProgramsEndAtTheFence) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  if (!execution().empty()) GTEST_SKIP() << "no jail with every layer on this machine";
  const std::vector<json> rows = read_json_lines(data / "humaneval/HumanEval.jsonl");
  const TemporaryFolder folder;
  std::string answers;
  for (int i = 0; i < 8; ++i) {
    // Half of them are right; what stands behind the fence is no program.
    const std::string body = i % 2 == 0 ? rows[i].at("canonical_solution") : "    pass\n";
    answers += json{{"task_id", rows[i].at("task_id")}, {"completion", "\n" + body + "```\n\nIt works."}}.dump() + "\n";
  }
  const std::string file = folder.write("a.jsonl", answers);
  for (const auto& [task, protocol] : {std::pair("humaneval", "llama3_instruct"), {"humaneval_instruct", "lm_eval"}}) {
    const Outcome outcome =
        assay_ok({"run", "--model", "responses:" + file, "--tasks", task, "--protocol", protocol, "--limit", "8",
                  "--data-dir", data, "--db", folder / "a.db", "--name", task, "--json", "--quiet"});
    EXPECT_EQ(json::parse(outcome.out).at("runs").at(0).at("metrics").at(0).at("value"), 0.5) << task;
  }
}

// The model's chat template wrote the prompts of a log, so they are not ours to check; ids and scores are.
TEST(DialogueTasks, LogsOfTheHarnessAreImportedWithOurIds) {
  const TemporaryFolder folder;
  std::vector<nlohmann::ordered_json> lines;
  for (int i = 0; i < 3; ++i) {
    const double score = i == 1 ? 0 : 1;
    lines.push_back(generation_line(i, "strict_match", {i == 1 ? " C" : " B"}, "B.", "exact_match", score));
  }
  folder.write(log_name("mmlu_llama_anatomy"), lines_of(lines));
  const Outcome outcome =
      assay_ok({"import", folder.path(), "--db", folder / "a.db", "--data-dir", folder.path(), "--name", "old"});
  const std::vector<json> exported = [&] {
    assay_ok({"export", "old", "--db", folder / "a.db", "--out", folder / "out.jsonl"});
    return read_json_lines(folder.path() / "out.jsonl");
  }();
  ASSERT_EQ(exported.size(), 3u);
  EXPECT_EQ(exported[2].at("task"), "mmlu_llama");
  EXPECT_EQ(exported[2].at("id"), "anatomy/test/2");
  EXPECT_EQ(exported[2].at("extracted"), json({{"strict_match", "B"}}));
  EXPECT_EQ(exported[1].at("scores"), json({{"strict_match", 0}}));

  ASSAY_REQUIRE_SHARED(data, "datasets");
  const Outcome checked =
      assay_ok({"import", folder.path(), "--db", folder / "b.db", "--data-dir", data, "--name", "old"});
  EXPECT_NE(checked.out.find("prompts not checked: they are dialogues"), std::string::npos) << checked.out;
}

}  // namespace
}  // namespace assay::testing
