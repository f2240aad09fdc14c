// No text can crash a scorer: texts made of the pieces that the rules look for, in every order, some of them cut.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>

#include "base/error.h"
#include "base/random.h"
#include "scorers/math_answer.h"
#include "scorers/math_equivalence.h"
#include "tests/scorers/support.h"

namespace assay::scorers::testing {
namespace {

constexpr const char* kPieces[] = {
    "\\boxed",
    "\\boxed{",
    "{",
    "}",
    "$",
    "=",
    "\\frac",
    "\\dfrac",
    "\\sqrt",
    "\\text{ ",
    "\\left(",
    "\\\\",
    "\\!",
    "^\\circ",
    "\\$",
    "\\%",
    " ",
    ".",
    "/",
    "0",
    "12",
    "-",
    "1,080",
    "#### ",
    "answer is ",
    "The answer is ",
    "A",
    "G",
    "é",
    "٢",
    "𝟙",
    "\n",
    "\\n",
    "\xC2\x85",
    "\xE2\x80\x8B",
    "0.5",
};

std::string made_text(PythonRandom& random) {
  std::string text;
  for (uint32_t i = random.below(12); i > 0; --i) text += kPieces[random.below(std::size(kPieces))];
  // One in eight is cut at a byte, which may lie inside a character.
  if (random.below(8) == 0) text.resize(random.below(static_cast<uint32_t>(text.size()) + 1));
  return text;
}

TEST(NastyTexts, EndInAScoreOrAnError) {
  std::vector<Scorer> scorers;
  for (const nlohmann::json& spec :
       {task_spec("gsm8k", "lm_eval"), task_spec("gsm8k_cot", "lm_eval"), task_spec("gsm8k_cot_llama", "lm_eval"),
        task_spec("arc_challenge_llama", "lm_eval"), nlohmann::json{{"kind", "gsm8k_llama3"}},
        nlohmann::json{{"kind", "agieval_math"}}, nlohmann::json{{"kind", "agieval_letters"}}}) {
    scorers.push_back(Scorer::from_spec(spec, "made"));
  }
  PythonRandom random(1234);
  int scored = 0;
  int refused = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string text = made_text(random);
    const std::string gold = made_text(random);
    for (const Scorer& scorer : scorers) {
      try {
        for (const auto& [name, value] : score_text(scorer, text, gold).values) EXPECT_TRUE(value == 0 || value == 1);
        ++scored;
      } catch (const Error&) {
        ++refused;
      }
    }
  }
  std::cout << scored << " made texts scored, " << refused << " refused\n";
  EXPECT_GT(scored, 25000);
  EXPECT_GT(refused, 100);
}

// What a gold parses to equals itself, whatever it is: the gold answer always scores 1.
TEST(NastyTexts, MathematicsIsReflexiveAndSymmetric) {
  const MathAnswerParser parser;
  PythonRandom random(99);
  int equal = 0;
  for (int i = 0; i < 5000; ++i) {
    const std::string a = made_text(random);
    const std::string b = made_text(random);
    try {
      const auto left = parser.parse(a);
      const auto right = parser.parse(b);
      EXPECT_TRUE(math_equivalent(left, left)) << a;
      EXPECT_EQ(math_equivalent(left, right), math_equivalent(right, left)) << a << " and " << b;
      equal += math_equivalent(left, right);
    } catch (const Error&) {
      continue;  // not UTF-8
    }
  }
  EXPECT_GT(equal, 0);
}

}  // namespace
}  // namespace assay::scorers::testing
