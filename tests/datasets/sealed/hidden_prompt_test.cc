#include "datasets/sealed/hidden_prompt.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/datasets/sealed/made_set.h"
#include "tests/support/temporary_folder.h"

namespace assay::datasets {
namespace {

TEST(HiddenPrompt, LinesReadBack) {
  for (const HiddenPrompt& prompt : testing::made_prompts()) {
    EXPECT_EQ(parse_hidden_prompt(to_json_line(prompt), "line"), prompt);
  }
}

TEST(HiddenPrompt, RefusesByName) {
  struct Case {
    const char* line;
    const char* problem;
  };
  const Case cases[] = {
      {"", "no JSON object"},
      {"[]", "no JSON object"},
      {R"({"category":"a","difficulty":"easy","language":"en","prompt":"x"})", "field id is missing"},
      {R"({"id":"a b","category":"a","difficulty":"easy","language":"en","prompt":"x"})", "field id must have"},
      {R"({"id":"","category":"a","difficulty":"easy","language":"en","prompt":"x"})", "field id must have"},
      {R"({"id":"a","category":"","difficulty":"easy","language":"en","prompt":"x"})", "field category"},
      {R"({"id":"a","category":"a","difficulty":"mild","language":"en","prompt":"x"})", "field difficulty"},
      {R"({"id":"a","category":"a","difficulty":"easy","language":"English","prompt":"x"})", "field language"},
      {R"({"id":"a","category":"a","difficulty":"easy","language":"en","prompt":" \n"})", "field prompt is empty"},
      {R"({"id":"a","category":"a","difficulty":"easy","language":"en","prompt":7})", "field prompt is no text"},
      {R"({"id":"a","category":"a","difficulty":"easy","language":"en","prompt":"x","tags":"t"})", "field tags"},
      {R"({"id":"a","category":"a","difficulty":"easy","language":"en","prompt":"x","answer":"y"})",
       "field answer is unknown"},
  };
  for (const Case& c : cases) {
    try {
      parse_hidden_prompt(c.line, "f: line 3");
      ADD_FAILURE() << c.line;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kBadInput);
      EXPECT_NE(std::string(error.what()).find(c.problem), std::string::npos) << error.what();
      EXPECT_EQ(std::string(error.what()).find("f: line 3: "), 0U) << error.what();
    }
  }
}

TEST(HiddenPrompt, AnIdIsThereOnce) {
  const testing::TemporaryFolder folder;
  const std::string line = to_json_line(testing::made_prompts()[0]) + "\n";
  folder.write("a.jsonl", line + "\n");
  folder.write("b.jsonl", line);
  EXPECT_EQ(read_hidden_prompts({folder / "a.jsonl"}).size(), 1U);
  EXPECT_THROW(read_hidden_prompts({folder / "a.jsonl", folder / "b.jsonl"}), Error);
}

}  // namespace
}  // namespace assay::datasets
