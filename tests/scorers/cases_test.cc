// Runs tests/cases/*.case.
#include "tests/scorers/cases.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "tests/scorers/support.h"

namespace assay::scorers::testing {
namespace {

constexpr char kFolder[] = "tests/cases";

Scorer scorer_of(const CaseFile& file, const std::string& where) {
  if (file.scorer.starts_with('{')) return Scorer::from_spec(nlohmann::json::parse(file.scorer), where);
  const std::vector<std::string> words = split(file.scorer, ' ');
  if (words.size() != 2) fail_input("{}: scorer: expected TASK PROTOCOL or a JSON table", where);
  return Scorer::from_spec(task_spec(words[0], words[1]), where);
}

// Every score of the scorer must be expected by the case, and nothing else.
void run_case(const Case& wanted, const Scorer& scorer, const std::string& where) {
  const Score score = score_text(scorer, wanted.response, wanted.gold);
  EXPECT_EQ(score.values.size(), wanted.expected.size()) << where << ": one line for each score of the scorer";
  for (const auto& [filter, expectation] : wanted.expected) {
    ASSERT_TRUE(score.values.contains(filter)) << where << ": the scorer gives no score " << filter;
    const auto extracted = score.extracted.find(filter);
    const bool found = extracted != score.extracted.end();
    ASSERT_EQ(found, expectation.extracted.has_value()) << where << ", " << filter;
    if (found) {
      EXPECT_EQ(extracted->second, *expectation.extracted) << where << ", " << filter;
    }
    EXPECT_EQ(score.values.at(filter), expectation.score) << where << ", " << filter;
  }
}

TEST(Cases, AllFiles) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".case") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  int count = 0;
  for (const std::filesystem::path& path : files) {
    const CaseFile file = parse_cases(read_file(path), path);
    const Scorer scorer = scorer_of(file, path);
    for (const Case& wanted : file.cases) {
      run_case(wanted, scorer, fmt::format("{}:{}: {}", path.string(), wanted.line, wanted.name));
      ++count;
    }
  }
  std::cout << files.size() << " case files, " << count << " cases\n";
  EXPECT_GE(files.size(), 6u);
  EXPECT_GE(count, 40);
}

TEST(Cases, ResponseLinesAreJoinedAndKeptAsTheyAre) {
  const CaseFile file = parse_cases(
      "# note\nscorer: gsm8k_cot lm_eval\ncase: a: b\ngold:  8 \nresponse:\n|  # x \n|y\n|\n"
      "strict-match: a => b => 1\nflexible-extract: (nothing) => 0\n",
      "made");
  ASSERT_EQ(file.cases.size(), 1u);
  const Case& only = file.cases[0];
  EXPECT_EQ(only.name, "a: b");
  EXPECT_EQ(only.line, 3);
  EXPECT_EQ(only.gold, " 8 ");
  EXPECT_EQ(only.response, " # x \ny\n");
  EXPECT_EQ(only.expected.at("strict-match").extracted, "a => b");
  EXPECT_EQ(only.expected.at("strict-match").score, 1);
  EXPECT_FALSE(only.expected.at("flexible-extract").extracted.has_value());
}

TEST(Cases, MalformedFilesAreRefusedWithTheirLine) {
  const std::pair<const char*, const char*> files[] = {
      {"", "no line scorer"},
      {"scorer: a b\n", "no case"},
      {"scorer: a b\ngold: 1\n", "made:2: a case begins"},
      {"scorer: a b\ncase: x\ngold: 1\nresponse:\n| y\n", "made:2: the case needs"},
      {"scorer: a b\ncase: x\ngold: 1\nacc: 2 => 1\n", "made:2: the case needs"},
      {"scorer: a b\ncase: x\ngold: 1\nresponse:\n| y\nacc 1\n", "made:6: expected KEY"},
      {"scorer: a b\ncase: x\ngold: 1\nresponse:\n| y\nacc: 1\n", "made:6: expected acc"},
      {"scorer: a b\ncase: x\ngold: 1\nresponse:\n| y\nacc: 1 => 2\n", "made:6: a score is"},
      {"scorer: a b\ncase: x\n| y\n", "made:3: expected KEY"},
  };
  for (const auto& [text, message] : files) {
    try {
      parse_cases(text, "made");
      ADD_FAILURE() << "accepted: " << text;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(message), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace assay::scorers::testing
