// kind = "code": the program that a completion becomes, and the score that a verdict becomes.
#include "scorers/code.h"

#include <gtest/gtest.h>

#include <iostream>

#include "base/error.h"
#include "base/hash.h"
#include "tests/scorers/support.h"
#include "tests/support/golden.h"

namespace assay::scorers::testing {
namespace {

using nlohmann::json;

datasets::Sample adder() {
  datasets::Sample sample;
  sample.id = "made/0";
  sample.fields = {{"prompt", "def add(a, b):\n"}, {"entry_point", "add"}, {"name", "other"}, {"empty", ""}};
  return sample;
}

const datasets::Gold kTest = {{}, "def check(f):\n    assert f(1, 2) == 3\n\ncheck(add)"};

std::optional<sandbox::GradeJob> program_of(const json& spec, const std::string& text,
                                            const datasets::Sample& sample = adder()) {
  engine::Response response;
  response.body = engine::GenerateResponse{text, {}, engine::FinishReason::kStop};
  return Scorer::from_spec(spec, "made").program(sample, kTest, engine::GenerateRequest{}, response);
}

TEST(Code, TheCompletionIsCutAtTheFirstMark) {
  const struct {
    const char* text;
    const char* completion;
  } cases[] = {
      {"    return a + b\n", "    return a + b\n"},
      {"    return a + b\n```\nThis adds.", "    return a + b\n"},
      {"    return 1\n```\nor\n```python\n    return 2\n```", "    return 1\n"},
      {"```python\ndef add", ""},
      {"    return '``' + `x`\n", "    return '``' + `x`\n"},
      {"    return 1````", "    return 1"},
      {"", ""},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(program_of({{"kind", "code"}, {"cut", "```"}}, c.text)->completion, c.completion) << c.text;
    EXPECT_EQ(program_of({{"kind", "code"}}, c.text)->completion, c.text);
    // What is stored where nobody executes it is the same.
    const Score kept = score_text(Scorer::from_spec({{"kind", "code"}, {"cut", "```"}}, "made"), c.text, "check(f)");
    EXPECT_EQ(kept.extracted.at("completion"), c.completion);
    EXPECT_TRUE(kept.values.empty() || kept.execution);
  }
}

TEST(Code, ProgramIsPromptCompletionAndTest) {
  const sandbox::GradeJob job = program_of({{"kind", "code"}}, "    return a + b").value();
  EXPECT_EQ(job.entry_point, "add");
  EXPECT_EQ(whole_program(job),
            "def add(a, b):\n    return a + b\ndef check(f):\n    assert f(1, 2) == 3\n\ncheck(add)");
  EXPECT_EQ(program_of({{"kind", "code"}, {"prompt", "name"}, {"entry_point", "prompt"}}, "")->prompt, "other");
}

TEST(Code, AFieldThatTheSampleLacksIsNamed) {
  for (const auto& [key, field] : {std::pair("prompt", "promt"), std::pair("entry_point", "empty")}) {
    try {
      program_of({{"kind", "code"}, {key, field}}, "");
      ADD_FAILURE() << "accepted " << field;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadInput);
      for (const char* said : {"made/0", key, field}) {
        EXPECT_NE(std::string(error.what()).find(said), std::string::npos) << error.what();
      }
    }
  }
}

TEST(Code, OnlyPassedScores) {
  const Scorer scorer = Scorer::from_spec({{"kind", "code"}}, "made");
  const sandbox::GradeJob job = program_of({{"kind", "code"}}, "    return a + b").value();
  using sandbox::Verdict;
  int outcomes = 0;
  for (const Verdict verdict :
       {Verdict::kPassed, Verdict::kFailed, Verdict::kTimeout, Verdict::kMemory, Verdict::kOutput, Verdict::kCrash,
        Verdict::kForbidden, Verdict::kUnsupported, Verdict::kNoVerdict}) {
    sandbox::Grade grade;
    grade.outcome = verdict;
    grade.grading = "fallback";
    grade.cpu_ms = 12.5;
    grade.wall_ms = 19;
    grade.error = "AssertionError";
    grade.layers = {"userns", "seccomp"};
    const Score score = scorer.score(job, grade);
    EXPECT_EQ(score.values.at("passed"), verdict == Verdict::kPassed ? 1 : 0) << to_string(verdict);
    EXPECT_EQ(score.extracted.at("completion"), "    return a + b");
    EXPECT_EQ(score.execution, (Execution{to_string(verdict),
                                          "fallback",
                                          12.5,
                                          19,
                                          {"userns", "seccomp"},
                                          "AssertionError",
                                          sha256_hex(whole_program(job))}));
    ++outcomes;
  }
  EXPECT_EQ(outcomes, 9);
}

TEST(Code, OnlyTheSubsetsWithProgramsHaveOne) {
  const json spec = {{"kind", "agieval_letters"}, {"subsets", {{"code", {{"kind", "code"}}}}}};
  EXPECT_FALSE(program_of(spec, "A").has_value());
  datasets::Sample sample = adder();
  sample.subset = "code";
  EXPECT_TRUE(program_of(spec, "A", sample).has_value());
}

// HumanEval's own columns put together by hand, against the scorer tables of the built-in task.
TEST(Code, HumanEvalsProgramsAreThoseOfTheProtocol) {
  ASSAY_REQUIRE_SHARED(file, "datasets/humaneval/HumanEval.jsonl");
  int compared = 0;
  const struct {
    const char* task;
    const char* protocol;
    const char* behind;  // the completion; not part of the program
  } cases[] = {{"humaneval", "lm_eval", ""},
               {"humaneval", "llama3", ""},
               {"humaneval", "llama3_instruct", "```\n\nThis counts:\n```python\nassert False\n```"},
               {"humaneval_instruct", "lm_eval", "```"}};
  for (const auto& c : cases) {
    const json spec = task_spec(c.task, c.protocol);
    for (const json& row : json_lines(file)) {
      datasets::Sample sample;
      sample.id = row.at("task_id");
      for (const char* field : {"prompt", "test", "entry_point"}) sample.fields[field] = row.at(field);
      const std::string test = row.at("test");
      const std::string check = "\ncheck(" + row.at("entry_point").get<std::string>() + ")";
      const std::string completion = row.at("canonical_solution");
      engine::Response response;
      response.body = engine::GenerateResponse{completion + c.behind, {}, engine::FinishReason::kStop};
      const auto job =
          Scorer::from_spec(spec, c.task).program(sample, {{}, test + check}, engine::GenerateRequest{}, response);
      ASSERT_TRUE(job.has_value());
      EXPECT_EQ(whole_program(*job), row.at("prompt").get<std::string>() + completion + "\n" + test + check);
      ++compared;
    }
  }
  std::cout << compared << " programs equal\n";
  EXPECT_EQ(compared, 4 * 164);
}

}  // namespace
}  // namespace assay::scorers::testing
