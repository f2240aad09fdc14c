#include "reports/bars.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace assay::reports {
namespace {

// An eighth to eight eighths of a column, filled from the left.
constexpr const char* kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
constexpr int kSteps = 8;
constexpr double kRounding = 1 + 1e-9;  // 20 points, as 100 times a share of 0.2, lie on a scale of 20

std::string repeated(const char* text, int64_t times) {
  std::string all;
  for (int64_t i = 0; i < times; ++i) all += text;
  return all;
}

// Of `most` steps, so that only 0 has none of them and only 1 all.
int64_t steps_of(double share, int64_t most) {
  if (share <= 0 || share >= 1) return share <= 0 ? 0 : most;
  return std::clamp<int64_t>(std::llround(share * static_cast<double>(most)), 1, std::max<int64_t>(1, most - 1));
}

// A number at the left end, one in the middle, if it does not touch the others, and one at the right.
std::string ruler(const std::string& left, const std::string& middle, const std::string& right, size_t columns) {
  std::string line(columns, ' ');
  const auto put = [&](const std::string& text, size_t at) {
    if (at + text.size() <= columns) line.replace(at, text.size(), text);
  };
  put(left, 0);
  const size_t centre = columns / 2;
  if (left.size() < centre && centre + middle.size() + right.size() < columns) put(middle, centre);
  put(right, columns - std::min(columns, right.size()));
  return line;
}

// The signs that a forest is drawn with.
struct ForestSigns {
  const char* zero;
  const char* crossed_zero;
  const char* line;
  const char* low;
  const char* high;
  const char* below;  // the scale
  const char* beyond;
  const char* point;
};
constexpr ForestSigns kDrawn = {"│", "┼", "─", "├", "┤", "◂", "▸", "●"};
constexpr ForestSigns kAscii = {"|", "+", "-", "[", "]", "<", ">", "o"};

}  // namespace

std::string score_bar(double value, const scorers::Interval& interval, size_t columns, const TextStyle& style) {
  if (!(value >= 0 && value <= 1) || columns < 2) return "";
  const auto cells = static_cast<int64_t>(columns) - 1;  // behind them stands the mark of 100 %
  const int64_t steps = style.unicode ? steps_of(value, cells * kSteps) : steps_of(value, cells) * kSteps;
  const int64_t full = steps / kSteps;
  const int64_t begun = steps % kSteps == 0 ? full : full + 1;
  // NaN is compared as false, and nothing is known of the interval.
  const auto cell_of = [&](double share, int64_t unknown) {
    return std::isfinite(share) ? std::llround(std::clamp(share, 0.0, 1.0) * static_cast<double>(cells)) : unknown;
  };
  const int64_t low = std::min<int64_t>(full, cell_of(interval.low, full));
  const int64_t high = std::max<int64_t>(begun, cell_of(interval.high, begun));
  const char* sure = style.unicode ? "█" : "#";
  const char* within = style.unicode ? "▓" : "=";
  const char* above = style.unicode ? "░" : "-";
  const std::string bar = repeated(sure, low) + repeated(within, full - low) + kEighths[steps % kSteps];
  return bar + style.faint(repeated(above, high - begun)) + repeated(" ", cells - high) +
         style.faint(style.unicode ? "▏" : "|");
}

std::string score_bar_head(size_t columns) {
  return ruler("0 %", "", "100 %", columns);
}

std::string forest_row(double difference, const scorers::Interval& interval, double scale, size_t columns, Tone tone,
                       const TextStyle& style) {
  const auto half = static_cast<int64_t>(columns - 1) / 2;
  if (!std::isfinite(difference) || columns < 3) return "";
  const ForestSigns& signs = style.unicode ? kDrawn : kAscii;
  const double edge = scale * kRounding;
  const auto column_of = [&](double share) {
    return half + std::clamp<int64_t>(std::llround(100 * share / scale * static_cast<double>(half)), -half, half);
  };
  std::vector<std::string> drawn(static_cast<size_t>(2 * half + 1), " ");
  const auto at = [&](int64_t column) -> std::string& { return drawn[static_cast<size_t>(column)]; };
  at(half) = style.faint(signs.zero);
  if (std::isfinite(interval.low) && std::isfinite(interval.high)) {
    const int64_t low = column_of(interval.low);
    const int64_t high = column_of(interval.high);
    for (int64_t i = low; i <= high; ++i) at(i) = i == half ? signs.crossed_zero : signs.line;
    at(low) = 100 * interval.low < -edge ? signs.below : signs.low;
    at(high) = 100 * interval.high > edge ? signs.beyond : signs.high;
  }
  std::string& point = at(column_of(difference));
  point = signs.point;
  if (tone == Tone::kGood) point = style.good(point);
  if (tone == Tone::kBad) point = style.bad(point);
  std::string row;
  for (const std::string& sign : drawn) row += sign;
  return row;
}

std::string forest_head(double scale, size_t columns) {
  return ruler(fmt::format("{:g}", -scale), "0", fmt::format("{:+g}", scale), columns - 1 + columns % 2);
}

double forest_scale(const std::vector<double>& shares) {
  double widest = 0;
  for (const double share : shares) {
    if (std::isfinite(share)) widest = std::max(widest, 100 * std::fabs(share));
  }
  for (const double scale : {1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0, 30.0, 50.0, 75.0}) {
    if (widest <= scale * kRounding) return scale;
  }
  return 100;
}

}  // namespace assay::reports
