#include "base/display_width.h"

#include <gtest/gtest.h>

#include <string>

namespace assay {
namespace {

TEST(DisplayWidth, CountsColumns) {
  const struct {
    const char* text;
    size_t columns;
  } cases[] = {
      {"", 0},
      {"plain", 5},
      {"Zürich", 6},
      {"東京", 4},
      {"한국어", 6},
      {"e\u0301", 1},                                     // a letter and its mark
      {"\u0e01\u0e33", 2},                                // Thai, whose vowel takes a column of its own
      {"\U0001F600", 2},                                  // an emoji
      {"\u2764\uFE0F", 2},                                // a heart, made an emoji
      {"\U0001F469\u200D\U0001F469\u200D\U0001F467", 6},  // joined: some terminals draw the parts
      {"zero\u200bwidth", 9},
      {"…", 1},
      {"█▓░▏├●┤│", 8},
  };
  for (const auto& c : cases) EXPECT_EQ(display_width(c.text), c.columns) << c.text;
}

TEST(DisplayWidth, NothingIsPartedFromItsMarks) {
  const std::string accents = "e\u0301a\u0300o\u0302";
  EXPECT_EQ(first_columns(accents, 2), "e\u0301a\u0300");
  EXPECT_EQ(last_columns(accents, 1), "o\u0302");
  EXPECT_EQ(first_columns("東京", 3), "東") << "half a character is none";
  EXPECT_EQ(last_columns("東京", 3), "京");
  EXPECT_EQ(first_columns("abc", 0), "");
  EXPECT_EQ(last_columns("abc", 0), "");
  EXPECT_EQ(first_columns("abc", 9), "abc");
  EXPECT_EQ(last_columns("abc", 9), "abc");
}

}  // namespace
}  // namespace assay
