// Every row of golden/extraction that has an extraction or a score, through the scorers as a task file asks for them.
#include <iostream>

#include "base/file.h"
#include "scorers/math_answer.h"
#include "scorers/math_equivalence.h"
#include "tests/scorers/support.h"
#include "tests/support/golden.h"

namespace assay::scorers::testing {
namespace {

struct Counts {
  int extractions = 0;
  int scores = 0;
  int right = 0;
};

// Compares one task's filter of a golden row, whose keys are "task/filter" or, for our own rule, the filter alone.
void compare(const nlohmann::json& row, const std::string& task, const std::string& gold, const Scorer& scorer,
             Counts& counts) {
  const Score score = score_text(scorer, row["text"], gold);
  for (const Scorer::ScoreName& name : scorer.names()) {
    const std::string key = task.empty() ? name.filter : task + "/" + name.filter;
    ASSERT_TRUE(row["filters"].contains(key)) << key;
    EXPECT_EQ(score.extracted.at(name.filter), row["filters"][key]) << key << ": " << row["text"];
    EXPECT_EQ(score.values.at(name.score), row["exact_match"][key]) << key << ": " << row["text"];
    ++counts.extractions;
    ++counts.scores;
    counts.right += row["exact_match"][key] == 1.0;
  }
}

class Gsm8kScorers {
 public:
  // `answer` is the whole reference solution, `row["gold"]` what stands behind its ####.
  void compare_all(const nlohmann::json& row, const std::string& answer, Counts& counts) const {
    compare(row, "gsm8k", answer, gsm8k_, counts);
    compare(row, "gsm8k_cot", row["gold"], cot_, counts);
    if (row["filters"].contains("gsm8k_cot_llama/strict-match")) {
      compare(row, "gsm8k_cot_llama", row["gold"], cot_llama_, counts);
    }
    compare(row, "", row["gold"], llama3_, counts);
  }

 private:
  Scorer gsm8k_ = Scorer::from_spec(task_spec("gsm8k", "lm_eval"), "gsm8k");
  Scorer cot_ = Scorer::from_spec(task_spec("gsm8k_cot", "lm_eval"), "gsm8k_cot");
  Scorer cot_llama_ = Scorer::from_spec(task_spec("gsm8k_cot_llama", "lm_eval"), "gsm8k_cot_llama");
  Scorer llama3_ = Scorer::from_spec(task_spec("gsm8k", "llama3"), "llama3");
};

void report(const char* file, const Counts& counts) {
  std::cout << file << ": " << counts.extractions << " extractions and " << counts.scores << " scores equal ("
            << counts.right << " right answers)\n";
}

TEST(Extraction, Gsm8kOfRealSolutions) {
  ASSAY_REQUIRE_SHARED(folder, "golden/extraction");
  ASSAY_REQUIRE_SHARED(data, "datasets/gsm8k/test.jsonl");
  const std::vector<nlohmann::json> questions = json_lines(data);
  const Gsm8kScorers scorers;
  Counts counts;
  for (const nlohmann::json& row : json_lines(folder / "gsm8k.jsonl")) {
    scorers.compare_all(row, questions.at(row["index"].get<size_t>())["answer"], counts);
  }
  report("gsm8k.jsonl", counts);
  EXPECT_EQ(counts.scores, 3195 * 7);
  EXPECT_GT(counts.right, 3000);
}

TEST(Extraction, Gsm8kOfNastyTexts) {
  ASSAY_REQUIRE_SHARED(folder, "golden/extraction");
  const Gsm8kScorers scorers;
  Counts counts;
  for (const nlohmann::json& row : json_lines(folder / "gsm8k_hand.jsonl")) {
    scorers.compare_all(row, row["answer"], counts);
  }
  report("gsm8k_hand.jsonl", counts);
  EXPECT_EQ(counts.scores, 118 * 7);
  EXPECT_GT(counts.right, 100);
}

TEST(Extraction, LettersBehindTheBestAnswerIs) {
  ASSAY_REQUIRE_SHARED(folder, "golden/extraction");
  Counts counts;
  for (const char* task : {"mmlu_llama", "arc_challenge_llama", "arc_challenge_chat"}) {
    const Scorer scorer = Scorer::from_spec(task_spec(task, "lm_eval"), task);
    for (const nlohmann::json& row : json_lines(folder / "letters.jsonl")) {
      compare(row, task, row["reference"][task], scorer, counts);
    }
  }
  report("letters.jsonl", counts);
  EXPECT_EQ(counts.scores, 55 * 3);
  EXPECT_GT(counts.right, 50);
}

// PROTOCOLS.md §7: the columns of llama3_instruct are the harness's tasks.
TEST(Extraction, InstructTasksAreScoredAsTheHarnessScoresThem) {
  EXPECT_EQ(task_spec("mmlu", "llama3_instruct"), task_spec("mmlu_llama", "lm_eval"));
  EXPECT_EQ(task_spec("arc_challenge", "llama3_instruct"), task_spec("arc_challenge_llama", "lm_eval"));
  EXPECT_EQ(task_spec("gsm8k", "llama3_instruct"), task_spec("gsm8k_cot_llama", "lm_eval"));
  EXPECT_EQ(task_spec("humaneval", "llama3_instruct"), task_spec("humaneval_instruct", "lm_eval"));
}

TEST(Extraction, AgievalLetters) {
  ASSAY_REQUIRE_SHARED(folder, "golden/extraction");
  const Scorer scorer = Scorer::from_spec({{"kind", "agieval_letters"}}, "agieval");
  int compared = 0;
  for (const nlohmann::json& row : json_lines(folder / "agieval_letters.jsonl")) {
    const Score score = score_text(scorer, row["text"], row["few_shot"]);
    EXPECT_EQ(score.extracted.at("acc"), row["few_shot"]) << row["text"];
    EXPECT_EQ(score.values.at("acc"), 1) << row["text"];
    EXPECT_EQ(score_text(scorer, row["text"], "H").values.at("acc"), 0) << row["text"];
    ++compared;
  }
  std::cout << "agieval_letters.jsonl: " << compared << " extractions equal\n";
  EXPECT_EQ(compared, 35);
}

void expect_parsed(const std::optional<std::string>& ours, const nlohmann::json& golden, const nlohmann::json& row) {
  ASSERT_EQ(ours.has_value(), !golden.is_null()) << row;
  if (ours) {
    EXPECT_EQ(*ours, golden) << row;
  }
}

// Golden: a text, null where there was nothing to normalise, {"error": ...} where a step raises.
void expect_stripped(const std::optional<std::string>& parsed, const nlohmann::json& golden,
                     const nlohmann::json& row) {
  if (!parsed) {
    EXPECT_TRUE(golden.is_null()) << row;
    return;
  }
  const std::optional<std::string> ours = normalise_math(*parsed);
  ASSERT_EQ(ours.has_value(), golden.is_string()) << row;
  if (ours) {
    EXPECT_EQ(*ours, golden) << row;
  }
}

TEST(Extraction, AgievalMath) {
  ASSAY_REQUIRE_SHARED(folder, "golden/extraction");
  const Scorer scorer = Scorer::from_spec({{"kind", "agieval_math"}}, "agieval");
  const MathAnswerParser parser;
  int compared = 0;
  int equal = 0;
  for (const nlohmann::json& row : json_lines(folder / "agieval_math.jsonl")) {
    const nlohmann::json& golden = row["lm_eval"];
    const std::string candidate = row["candidate"];
    const std::string gold = row["gold"];
    expect_parsed(parser.parse(candidate), golden["parsed_candidate"], row);
    expect_parsed(parser.parse(gold), golden["parsed_gold"], row);
    expect_stripped(parser.parse(candidate), golden["stripped_candidate"], row);
    expect_stripped(parser.parse(gold), golden["stripped_gold"], row);
    const Score score = score_text(scorer, candidate, gold);
    EXPECT_EQ(score.values.at("acc") == 1, golden["equal"].get<bool>()) << row;
    // The raw pair without lm-eval's parse, by the authors of MATH.
    EXPECT_EQ(math_equivalent(candidate, gold), row["math_is_equiv"].get<bool>()) << row;
    ++compared;
    equal += golden["equal"].get<bool>();
  }
  std::cout << "agieval_math.jsonl: " << compared << " rows equal, " << equal << " of them right\n";
  EXPECT_EQ(compared, 84);
  EXPECT_GT(equal, 20);
}

TEST(Extraction, AgievalMathGolds) {
  ASSAY_REQUIRE_SHARED(folder, "golden/extraction");
  const Scorer scorer = Scorer::from_spec({{"kind", "agieval_math"}}, "agieval");
  const MathAnswerParser parser;
  int compared = 0;
  int wildcards = 0;
  for (const nlohmann::json& row : json_lines(folder / "agieval_math_golds.jsonl")) {
    const std::string gold = row["gold"];
    expect_parsed(parser.parse(gold), row["parsed"], row);
    const bool wildcard = score_text(scorer, "no number at all", gold).values.at("acc") == 1;
    EXPECT_EQ(wildcard, row["wildcard"].get<bool>()) << row;
    EXPECT_EQ(score_text(scorer, gold, gold).values.at("acc"), 1) << row;
    EXPECT_EQ(score_text(scorer, "$98765$", gold).values.at("acc"), 0) << row;
    ++compared;
    wildcards += wildcard;
  }
  std::cout << "agieval_math_golds.jsonl: " << compared << " golds equal, " << wildcards << " right for any word\n";
  EXPECT_EQ(compared, 500);
  EXPECT_GT(wildcards, 0);
}

}  // namespace
}  // namespace assay::scorers::testing
