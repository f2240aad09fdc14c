// Names from elsewhere on a narrow terminal: what is left out, and that what differs still does.
#include "reports/shorten.h"

#include <gtest/gtest.h>

#include <set>

#include "base/display_width.h"
#include "base/text.h"
#include "tests/reports/made_report.h"

namespace assay::reports {
namespace {

const TextStyle kAsciiOnly{.unicode = false, .colour = false};

TEST(Shorten, LeavesOutWhatItIsTold) {
  EXPECT_EQ(shortened("short", 9, Cut::kMiddle), "short");
  EXPECT_EQ(shortened("abcdefghij", 7, Cut::kEnd), "abcdef…");
  EXPECT_EQ(shortened("abcdefghij", 7, Cut::kMiddle), "abc…hij");
  EXPECT_EQ(shortened("abcdefghij", 7, Cut::kBeginning), "…efghij");
  EXPECT_EQ(shortened("abcdefghij", 7, Cut::kEnd, kAsciiOnly), "abcd...");
  EXPECT_EQ(shortened("  abcdefghij", 7, Cut::kBeginning), "  …ghij") << "the indentation stays";
  EXPECT_EQ(shortened("東京東京東京", 6, Cut::kEnd), "東京…");
  EXPECT_EQ(shortened("abc", 1, Cut::kEnd), "…");
  EXPECT_EQ(shortened("abc", 0, Cut::kEnd), "");
}

TEST(Shorten, WhatDiffersStaysApart) {
  const std::vector<std::vector<std::string>> columns = {
      {"high_school_macroeconomics", "high_school_microeconomics", "high_school_mathematics"},
      {"very_long_common_beginning_1", "very_long_common_beginning_2"},
      {"1_very_long_common_end_of_all", "2_very_long_common_end_of_all"},
      {"the_same_at_both_ends_1_of_all_names", "the_same_at_both_ends_2_of_all_names"},
      {"same", "same"},
      {"control\x01", "control\x02"},
  };
  for (const std::vector<std::string>& texts : columns) {
    const std::vector<std::string> shown = shortened_apart(texts, 12);
    EXPECT_EQ(std::set<std::string>(shown.begin(), shown.end()).size(),
              std::set<std::string>(texts.begin(), texts.end()).size())
        << join(shown, " ");
    for (const std::string& each : shown) EXPECT_LE(display_width(each), 12U) << each;
  }
}

TEST(Shorten, AModelIsKnownByItsLastPart) {
  EXPECT_EQ(shortened_model("demo:early", 40), "demo:early");
  EXPECT_EQ(shortened_model("/data/experiments/run-7/step-2000", 20), "…/run-7/step-2000");
  EXPECT_EQ(shortened_model("/data/experiments/run-7/step-2000/", 17), "…/step-2000/");
  EXPECT_EQ(shortened_model("/data/a-checkpoint-with-a-long-name-of-step-2000", 21), "a-checkpoi…-step-2000");
  EXPECT_EQ(shortened_model("/hub/models--org--gpt2/snapshots/0123456789abcdef0123456789", 30), "gpt2");
}

TEST(Shorten, NothingMovesTheCursorOrTurnsTheLine) {
  for (const std::string& text : testing::hostile_texts()) {
    const std::string shown = harmless(text + "\r\n" + text);
    EXPECT_TRUE(is_valid_utf8(shown)) << shown;
    for (const unsigned char c : shown) EXPECT_GE(c, 0x20) << shown;
    for (const char* turn : {"\u202e", "\u2067", "\u0085", "\u2028"}) EXPECT_EQ(shown.find(turn), std::string::npos);
  }
  std::string marks = "e";
  for (int i = 0; i < 10000; ++i) marks += "\u0301";
  EXPECT_EQ(count_code_points(harmless(marks)), 9U);
}

}  // namespace
}  // namespace assay::reports
