// Small templates with what Jinja's documentation (and Jinja 3.1 itself) makes of them. tests/engine/chat/cases holds
// them as text: a template, a line of dashes, what comes out (in errors.case: words of the error), a line of equals
// signs, the next.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>

#include "base/error.h"
#include "base/file.h"
#include "tests/engine/chat/support.h"

namespace assay::engine::chat {
namespace {

struct Case {
  std::string source;
  std::string result;
};

std::vector<Case> read_cases(const std::string& name) {
  const std::string text = read_file("tests/engine/chat/cases/" + name);
  constexpr std::string_view kResult = "\n-----";
  constexpr std::string_view kNext = "\n=====\n";
  std::vector<Case> cases;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(kNext, begin), text.size() - 1);
    const std::string one = text.substr(begin, end - begin);
    const size_t result = one.find(kResult);
    EXPECT_NE(result, std::string::npos) << one;
    if (result == std::string::npos) break;
    const size_t after = result + kResult.size() + 1;
    cases.push_back({one.substr(0, result), after < one.size() ? one.substr(after) : ""});
    begin = end + kNext.size();
  }
  return cases;
}

class ChatCases : public ::testing::TestWithParam<const char*> {};

TEST_P(ChatCases, ComeOutAsWritten) {
  const std::vector<Case> cases = read_cases(GetParam());
  for (const Case& one : cases) EXPECT_EQ(rendered(one.source), one.result) << one.source;
  EXPECT_GT(cases.size(), 10u);
  std::cout << GetParam() << ": " << cases.size() << " templates rendered equal\n";
}

INSTANTIATE_TEST_SUITE_P(Files, ChatCases,
                         ::testing::Values("expressions.case", "filters.case", "statements.case", "white_space.case"));

// Every error is one sentence that names the model and, unless the template itself refuses, the line.
TEST(ChatErrors, AreToldWithTheirWords) {
  const std::vector<Case> cases = read_cases("errors.case");
  for (const Case& one : cases) {
    SCOPED_TRACE(one.source.substr(0, 100));
    try {
      ADD_FAILURE() << "rendered: " << rendered(one.source);
    } catch (const Error& error) {
      const std::string message = error.what();
      EXPECT_EQ(error.code(), ExitCode::kBadInput);
      EXPECT_TRUE(message.starts_with("model: its chat template")) << message;
      EXPECT_NE(message.find(one.result), std::string::npos) << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      const bool refused = message.find("refuses the dialogue: ") != std::string::npos;
      EXPECT_TRUE(refused || message.find(", line ") != std::string::npos) << message;
    }
  }
  EXPECT_GT(cases.size(), 40u);
  std::cout << "errors.case: " << cases.size() << " templates refused with the words expected\n";
}

}  // namespace
}  // namespace assay::engine::chat
