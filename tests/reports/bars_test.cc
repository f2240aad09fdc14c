// What the small pictures show, sign by sign.
#include "reports/bars.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/display_width.h"

namespace assay::reports {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
const TextStyle kAsciiStyle{.unicode = false, .colour = false};

TEST(ScoreBar, EndsAtTheScoreAndShadesTheInterval) {
  const struct {
    double value, low, high;
    const char* unicode;
    const char* ascii;
  } cases[] = {
      {0, 0, 0, "          ▏", "          |"},
      {1, 1, 1, "██████████▏", "##########|"},
      {0.5, 0.5, 0.5, "█████     ▏", "#####     |"},
      {0.5125, 0.5125, 0.5125, "█████▏    ▏", "#####     |"},
      {0.65, 0.4, 0.9, "████▓▓▌░░ ▏", "####===-- |"},
      {0.5, 0, 1, "▓▓▓▓▓░░░░░▏", "=====-----|"},
      {0.5, kUnknown, kUnknown, "█████     ▏", "#####     |"},
      // Only 0 and 1 look like that.
      {0.0001, 0, 0.01, "▏         ▏", "=         |"},
      {0.9999, 0.9999, 1, "█████████▉▏", "#########-|"},
      // An interval of another method need not hold the value.
      {0.5, 0.6, 0.4, "█████     ▏", "#####     |"},
      {0.5, -1, 2, "▓▓▓▓▓░░░░░▏", "=====-----|"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(score_bar(c.value, {c.low, c.high}, 11, {}), c.unicode) << c.value;
    EXPECT_EQ(score_bar(c.value, {c.low, c.high}, 11, kAsciiStyle), c.ascii) << c.value;
  }
  for (const double none : {kUnknown, -0.1, 1.1, std::numeric_limits<double>::infinity()}) {
    EXPECT_EQ(score_bar(none, {0, 1}, 11, {}), "") << none;
  }
  EXPECT_EQ(score_bar_head(11), "0 %   100 %");
}

TEST(ScoreBar, IsAsWideAsItIsTold) {
  for (size_t columns = 2; columns <= 30; ++columns) {
    for (double value = 0; value <= 1; value += 1.0 / 64) {
      const std::string bar = score_bar(value, {value - 0.2, value + 0.2}, columns, {});
      EXPECT_EQ(display_width(bar), columns) << value;
      EXPECT_EQ(score_bar(value, {value - 0.2, value + 0.2}, columns, kAsciiStyle).size(), columns) << value;
    }
  }
}

TEST(Forest, ShowsZeroTheIntervalAndThePoint) {
  const struct {
    double difference, low, high;
    const char* unicode;
    const char* ascii;
  } cases[] = {
      {0, -0.04, 0.04, "   ├─●─┤   ", "   [-o-]   "},           {0.04, 0.02, 0.08, "     │├●─┤ ", "     |[o-] "},
      {-0.06, -0.08, 0.02, " ├●──┼┤    ", " [o--+]    "},       {0.1, 0.1, 0.1, "     │    ●", "     |    o"},
      {0.06, kUnknown, kUnknown, "     │  ●  ", "     |  o  "}, {-0.02, -0.3, 0.3, "◂───●┼────▸", "<---o+---->"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(forest_row(c.difference, {c.low, c.high}, 10, 11, Tone::kNone, {}), c.unicode) << c.difference;
    EXPECT_EQ(forest_row(c.difference, {c.low, c.high}, 10, 11, Tone::kNone, kAsciiStyle), c.ascii) << c.difference;
    EXPECT_EQ(forest_row(c.difference, {c.low, c.high}, 10, 12, Tone::kNone, {}), c.unicode)
        << "an even width has no middle";
  }
  EXPECT_EQ(forest_row(kUnknown, {0, 1}, 10, 11, Tone::kNone, {}), "");
  EXPECT_EQ(forest_head(10, 12), "-10  0  +10");
  EXPECT_EQ(forest_head(100, 11), "-100 0 +100");
  EXPECT_EQ(forest_head(100, 9), "-100 +100") << "the mark of zero says it too";
}

TEST(Forest, TheScaleIsRoundAndHoldsAll) {
  EXPECT_EQ(forest_scale({}), 1);
  EXPECT_EQ(forest_scale({0.0001, -0.0002}), 1) << "noise does not fill the picture";
  EXPECT_EQ(forest_scale({0.011}), 2);
  EXPECT_EQ(forest_scale({-0.2, 0.1}), 20);
  EXPECT_EQ(forest_scale({0.2, kUnknown}), 20);
  EXPECT_EQ(forest_scale({0.51}), 75);
  EXPECT_EQ(forest_scale({-0.76}), 100);
  EXPECT_EQ(forest_scale({-3}), 100);
}

TEST(Bars, ColourIsAddedWhereThereIsSome) {
  const TextStyle colour{.unicode = true, .colour = true};
  EXPECT_EQ(score_bar(0.5, {0.5, 0.5}, 5, colour), "██  \x1b[2m▏\x1b[0m");
  EXPECT_NE(forest_row(0.1, {0.1, 0.1}, 10, 11, Tone::kGood, colour).find("\x1b[32m●\x1b[0m"), std::string::npos);
  EXPECT_NE(forest_row(0.1, {0.1, 0.1}, 10, 11, Tone::kBad, colour).find("\x1b[31m●\x1b[0m"), std::string::npos);
}

}  // namespace
}  // namespace assay::reports
