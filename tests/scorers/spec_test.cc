// Scorer tables: what they give, and what is said about those that are wrong.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iostream>

#include "base/error.h"
#include "tests/scorers/support.h"

namespace assay::scorers::testing {
namespace {

using nlohmann::json;

std::string names_of(const Scorer& scorer) {
  std::string text;
  for (const Scorer::ScoreName& name : scorer.names()) {
    text += fmt::format("{}/{}/{} ", name.score, name.metric, name.filter);
  }
  return text;
}

TEST(Spec, NamesAndVersionsOfEveryKind) {
  const struct {
    json spec;
    const char* version;
    const char* names;
    bool needs_execution;
  } cases[] = {
      {{{"kind", "multiple_choice"}}, "multiple_choice/1", "acc/acc/ ", false},
      {{{"kind", "multiple_choice"}, {"metrics", {"acc_norm", "acc"}}},
       "multiple_choice/1",
       "acc_norm/acc_norm/ acc/acc/ ",
       false},
      {task_spec("gsm8k_cot_llama", "lm_eval"), "exact_match/1",
       "strict-match/exact_match/strict-match flexible-extract/exact_match/flexible-extract ", false},
      {{{"kind", "gsm8k_llama3"}}, "gsm8k_llama3/1", "llama3/exact_match/llama3 ", false},
      {{{"kind", "agieval_math"}}, "agieval_math/1", "acc/acc/ ", false},
      {{{"kind", "agieval_letters"}}, "agieval_letters/1", "acc/acc/ ", false},
      {{{"kind", "code"}}, "code/2", "passed/pass@1/ ", true},
      {{{"kind", "perplexity"}}, "perplexity/1", "logprob/perplexity/ logprob/bits_per_byte/ ", false},
      {{{"kind", "multiple_choice"},
        {"metrics", {"acc", "acc_norm"}},
        {"subsets", {{"math", {{"kind", "agieval_math"}}}, {"code", {{"kind", "code"}}}}}},
       "multiple_choice/1, code: code/2, math: agieval_math/1",
       "acc/acc/ acc_norm/acc_norm/ passed/pass@1/ ",
       true},
  };
  for (const auto& c : cases) {
    const Scorer scorer = Scorer::from_spec(c.spec, "made");
    EXPECT_EQ(scorer.version(), c.version);
    EXPECT_EQ(names_of(scorer), c.names);
    EXPECT_EQ(scorer.needs_execution(), c.needs_execution);
  }
}

TEST(Spec, ASubsetMayHaveItsOwnScorer) {
  const Scorer scorer = Scorer::from_spec(
      {{"kind", "multiple_choice"}, {"subsets", {{"math", {{"kind", "agieval_math"}}}}}}, "agieval_en");
  EXPECT_EQ(score_options(scorer, {"A", "B"}, {-1, -2}, {0}, "sat").values.at("acc"), 1);
  EXPECT_EQ(score_text(scorer, "so 2", "2", "math").values.at("acc"), 1);
  EXPECT_THROW(score_text(scorer, "so 2", "2", "sat"), Error);
}

TEST(Spec, ProgramsWaitForTheirExecution) {
  const Score score = score_text(Scorer::from_spec({{"kind", "code"}}, "made"), "    return 1\n", "check(f)");
  EXPECT_TRUE(score.values.empty());
  EXPECT_EQ(score.extracted.at("completion"), "    return 1\n");
}

TEST(Spec, ATextIsKeptAsItsSums) {
  engine::Response response;
  response.body = engine::TextResponse{-12.5, 7};
  const Score score = Scorer::from_spec({{"kind", "perplexity"}}, "made")
                          .score({}, {}, engine::TextRequest{"zwölf Zeichen", 0}, response);
  EXPECT_EQ(score.values, (std::map<std::string, double>{{"logprob", -12.5}, {"tokens", 7}, {"bytes", 14}}));
}

TEST(Spec, FiltersWithoutAMatch) {
  const auto first = [](const json& filter, const std::string& text) {
    return score_text(Scorer::from_spec({{"kind", "exact_match"}, {"filters", {filter}}}, "made"), text, "")
        .extracted.at("f");
  };
  EXPECT_EQ(first({{"name", "f"}, {"regex", "x(.)(.)"}}, "xab"), "a");
  EXPECT_EQ(first({{"name", "f"}, {"regex", "x(.?)(.?)"}}, "x"), "[invalid]");  // all groups of a tuple are empty
  EXPECT_EQ(first({{"name", "f"}, {"regex", "x(a)?(b)"}}, "xb"), "b");
  EXPECT_EQ(first({{"name", "f"}, {"regex", "x(.?)"}}, "x"), "");  // findall gives one text, not a tuple
  EXPECT_EQ(first({{"name", "f"}, {"regex", "y"}, {"on_no_match", "none"}}, "x"), "none");
  EXPECT_EQ(first({{"name", "f"}, {"regex", "[0-9]"}, {"group_select", 2}}, "1 2 3"), "3");
  EXPECT_EQ(first({{"name", "f"}, {"regex", "[0-9]"}, {"group_select", 3}}, "1 2 3"), "[invalid]");
  EXPECT_EQ(first({{"name", "f"}, {"regex", "[0-9]"}, {"group_select", -3}}, "1 2 3"), "1");
  EXPECT_EQ(first({{"name", "f"}, {"regex", "[0-9]"}, {"group_select", -4}}, "1 2 3"), "[invalid]");
  EXPECT_EQ(first({{"name", "f"}, {"regex", ".+"}}, "\xC2\x85 a\x1C\n"), "a");  // Python's strip
  EXPECT_EQ(first({{"name", "f"}}, " \xE2\x80\x8B "), "\xE2\x80\x8B");          // which keeps U+200B
}

TEST(Spec, MistakesAreNamedWithTheNearestRightWord) {
  const json filter = {{"name", "a"}, {"regex", "x"}};
  const struct {
    json spec;
    std::vector<const char*> said;
  } cases[] = {
      {json::array(), {"expected a table", "array"}},
      {json::object(), {"key kind is missing"}},
      {{{"kin", "code"}}, {"key kind is missing", "kin "}},
      {{{"kind", 3}}, {"kind must be a text", "number"}},
      {{{"kind", "exact_matsch"}}, {"exact_matsch", "did you mean exact_match"}},
      {{{"kind", "zzz"}}, {"zzz", "known: multiple_choice"}},
      {{{"kind", "code"}, {"subset", json::object()}}, {"unknown key subset", "did you mean subsets"}},
      {{{"kind", "multiple_choice"}, {"metric", {"acc"}}}, {"unknown key metric", "did you mean metrics"}},
      {{{"kind", "multiple_choice"}, {"metrics", {"acc_nrom"}}}, {"acc_nrom", "did you mean acc_norm"}},
      {{{"kind", "multiple_choice"}, {"metrics", "acc"}}, {"metrics must be a list"}},
      {{{"kind", "multiple_choice"}, {"metrics", {1}}}, {"metrics must be a list"}},
      {{{"kind", "multiple_choice"}, {"metrics", json::array()}}, {"metrics must be", "at least one"}},
      {{{"kind", "multiple_choice"}, {"metrics", {"acc", "acc"}}}, {"without repeats"}},
      {{{"kind", "exact_match"}}, {"filters must be", "found nothing"}},
      {{{"kind", "exact_match"}, {"filters", "strip"}}, {"filters must be a list of tables"}},
      {{{"kind", "exact_match"}, {"filters", {"strip"}}}, {"made.filters[0]", "expected a table"}},
      {{{"kind", "exact_match"}, {"filters", {{{"regex", "x"}}}}}, {"made.filters[0]", "key name is missing"}},
      {{{"kind", "exact_match"}, {"filters", {{{"name", "a"}, {"regexp", "x"}}}}}, {"regexp", "did you mean regex"}},
      {{{"kind", "exact_match"}, {"filters", {{{"name", "a"}, {"regex", "(x"}}}}}, {"made.filters[0]", "(x"}},
      {{{"kind", "exact_match"}, {"filters", {{{"name", "a"}, {"group_select", 0.5}}}}}, {"a whole number"}},
      {{{"kind", "exact_match"}, {"filters", {{{"name", "a"}, {"group_select", 1LL << 40}}}}}, {"31 bits"}},
      {{{"kind", "exact_match"}, {"filters", {filter, filter}}}, {"the name a is taken"}},
      {{{"kind", "exact_match"}, {"filters", {filter}}, {"ignore_case", "yes"}}, {"true or false"}},
      {{{"kind", "exact_match"}, {"filters", {filter}}, {"ignore_cases", true}}, {"did you mean ignore_case"}},
      {{{"kind", "exact_match"}, {"filters", {filter}}, {"regexes_to_ignore", {"["}}}, {"made: ", "["}},
      {{{"kind", "code"}, {"subsets", {{"math", {{"kind", "code"}, {"x", 1}}}}}}, {"made.subsets.math", "key x"}},
      {{{"kind", "code"}, {"subsets", {{"math", "code"}}}}, {"made.subsets.math", "expected a table"}},
      {{{"kind", "code"}, {"subsets", 1}}, {"a table of tables"}},
      {{{"kind", "gsm8k_llama3"}, {"regex", "x"}}, {"unknown key regex"}},
      {{{"kind", "code"}, {"cuts", "```"}}, {"unknown key cuts", "did you mean cut"}},
      {{{"kind", "code"}, {"cut", ""}}, {"cut must be", "not empty"}},
      {{{"kind", "code"}, {"cut", 3}}, {"cut must be a text"}},
      {{{"kind", "code"}, {"entry_point", {"f"}}}, {"entry_point must be a text"}},
  };
  int refused = 0;
  for (const auto& c : cases) {
    try {
      Scorer::from_spec(c.spec, "made");
      ADD_FAILURE() << "accepted: " << c.spec;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadInput);
      for (const char* said : c.said) {
        EXPECT_NE(std::string(error.what()).find(said), std::string::npos) << error.what() << " lacks " << said;
      }
      EXPECT_NE(std::string(error.what()).find("made"), std::string::npos) << error.what();
      ++refused;
    }
  }
  std::cout << refused << " wrong tables refused\n";
}

TEST(Spec, TextThatIsNoUtf8IsRefusedNotCrashedOn) {
  for (const json& spec :
       {task_spec("gsm8k_cot_llama", "lm_eval"), json{{"kind", "gsm8k_llama3"}}, json{{"kind", "agieval_letters"}}}) {
    EXPECT_THROW(score_text(Scorer::from_spec(spec, "made"), "The answer is \xFF", "1"), Error);
  }
}

}  // namespace
}  // namespace assay::scorers::testing
