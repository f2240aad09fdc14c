// PROTOCOLS.md §1.1: prediction, acc, acc_norm, acc_bytes.
#include "scorers/multiple_choice.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "scorers/statistics/option_values.h"
#include "tests/scorers/support.h"

namespace assay::scorers::testing {
namespace {

const Scorer& scorer() {
  static const Scorer made =
      Scorer::from_spec({{"kind", "multiple_choice"}, {"metrics", {"acc", "acc_norm", "acc_bytes"}}}, "made");
  return made;
}

TEST(MultipleChoice, TableOfCases) {
  struct {
    const char* what;
    std::vector<std::string> options;
    std::vector<double> logprobs;
    std::vector<int> gold;
    int prediction;
    double acc, acc_norm, acc_bytes;
  } const cases[] = {
      {"the largest sum", {"A", "B", "C", "D"}, {-2, -1, -3, -4}, {1}, 1, 1, 1, 1},
      {"a tie goes to the earlier option", {"A", "B", "C"}, {-3, -1, -1}, {1}, 1, 1, 1, 1},
      {"and not to the later", {"A", "B", "C"}, {-3, -1, -1}, {2}, 1, 0, 0, 0},
      {"a tie after division too", {"ab", "a", "abcd"}, {-2, -1, -4}, {0}, 1, 0, 1, 1},
      {"a long option wins by its mean", {"no", "certainly"}, {-4, -9}, {1}, 0, 0, 1, 1},
      {"code points, not bytes", {"ééé", "abcd"}, {-4, -5}, {1}, 0, 0, 1, 0},
      {"code points outside the BMP count once", {"😀😀", "abc"}, {-4, -5}, {1}, 0, 0, 1, 0},
      {"several right options", {"A", "B", "C"}, {-3, -1, -2}, {0, 1}, 1, 1, 1, 1},
      {"an edge space of the option counts", {" ab", "abc"}, {-3, -3.1}, {0}, 0, 1, 1, 1},
      {"minus infinity is a value", {"A", "B"}, {-std::numeric_limits<double>::infinity(), -700}, {1}, 1, 1, 1, 1},
      {"an empty option never wins by a mean", {"", "abcdefgh"}, {0, -80}, {1}, 0, 0, 1, 1},
  };
  for (const auto& c : cases) {
    const Score score = score_options(scorer(), c.options, c.logprobs, c.gold);
    EXPECT_EQ(score.prediction, c.prediction) << c.what;
    EXPECT_EQ(score.values.at("acc"), c.acc) << c.what;
    EXPECT_EQ(score.values.at("acc_norm"), c.acc_norm) << c.what;
    EXPECT_EQ(score.values.at("acc_bytes"), c.acc_bytes) << c.what;
    EXPECT_TRUE(score.extracted.empty()) << c.what;
  }
}

TEST(MultipleChoice, OnlyTheSeparatingSpaceIsTaken) {
  EXPECT_EQ(option_text(" A"), "A");
  EXPECT_EQ(option_text("  A"), " A");
  EXPECT_EQ(option_text("A"), "A");
  EXPECT_EQ(option_text("\nA"), "\nA");
}

TEST(MultipleChoice, AnswersThatDoNotFitAreRefused) {
  const std::vector<std::string> two = {"A", "B"};
  EXPECT_THROW(score_options(scorer(), two, {-1}, {0}), Error);
  EXPECT_THROW(score_options(scorer(), two, {-1, -2, -3}, {0}), Error);
  EXPECT_THROW(score_options(scorer(), {}, {}, {0}), Error);
  EXPECT_THROW(score_options(scorer(), two, {-1, std::nan("")}, {0}), Error);
  EXPECT_THROW(score_options(scorer(), two, {-1, -2}, {}), Error);
  EXPECT_THROW(score_options(scorer(), two, {-1, -2}, {2}), Error);
  EXPECT_THROW(score_options(scorer(), two, {-1, -2}, {-1}), Error);
  EXPECT_THROW(score_text(scorer(), "A", "A"), Error);
}

}  // namespace
}  // namespace assay::scorers::testing
