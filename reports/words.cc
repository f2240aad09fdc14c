#include "reports/words.h"

#include <fmt/format.h>

#include <cmath>

#include "base/display_width.h"
#include "base/text.h"
#include "reports/shorten.h"

namespace assay::reports {
namespace {

// B − A with the sign turned where less is better: above 0 B is better.
double gain_of(const ScoreComparison& score) {
  return score.lower_is_better ? -score.paired.difference : score.paired.difference;
}

std::string size_of(const ScoreComparison& score) {
  const double size = std::fabs(score.paired.difference);
  const char* direction = score.paired.difference > 0 ? "higher" : "lower";
  const std::string over = "on average over " + count_of(score.paired.n, "sample");
  if (score.name.metric == "margin") {
    return fmt::format("the right answer's margin in log-probability is {} {} in B {}", format_number(size), direction,
                       over);
  }
  if (score.share) return fmt::format("B scores {:.2f} points {} {}", 100 * size, direction, over);
  return fmt::format("B's {} is {} {} {}", score.name.metric, format_number(size), direction, over);
}

}  // namespace

std::string count_of(int64_t n, const std::string& thing) {
  const std::string digits = std::to_string(n);
  std::string grouped;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) grouped += ',';
    grouped += digits[i];
  }
  return fmt::format("{} {}{}", grouped, thing, n == 1 ? "" : "s");
}

std::string format_p(double p) {
  if (std::isnan(p)) return "-";
  if (p < 0.0001) return "< 0.0001";
  return p < 0.01 ? fmt::format("{:.4f}", p) : fmt::format("{:.3f}", p);
}

std::string by_chance(double p) {
  if (p < 0.001) return "in fewer than 1 of 1,000 comparisons";
  if (p < 0.01) return "in fewer than 1 of 100 comparisons";
  if (p > 0.995) return "in nearly every comparison";
  return fmt::format("in {} of 100 comparisons", std::lround(100 * p));
}

std::string format_number(double value, bool sign) {
  if (std::isnan(value)) return "-";
  const double size = std::fabs(value);
  // So many digits that ten columns hold them with a sign.
  const std::string digits = size < 9999.99995 ? fmt::format("{:.4f}", value)
                             : size < 1e6      ? fmt::format("{:.1f}", value)
                                               : fmt::format("{:.2e}", value);
  return sign && value >= 0 ? fmt::format("+{}", digits) : digits;
}

std::string value_text(const ScoreComparison& score, double value) {
  if (std::isnan(value)) return "-";
  return score.share && std::fabs(value) < 1e4 ? fmt::format("{:.2f}", 100 * value) : format_number(value);
}

std::string difference_text(const ScoreComparison& score, double difference) {
  if (std::isnan(difference)) return "-";
  if (score.share && std::fabs(difference) < 1e4) return fmt::format("{:+.2f}", 100 * difference);
  // Two engines that compute the same differ in the last bits: that is not 0.
  const bool tiny = difference != 0 && std::fabs(difference) < 0.00005;
  return tiny ? fmt::format("{:+.0e}", difference) : format_number(difference, /*sign=*/true);
}

std::string interval_text(const ScoreComparison& score, const scorers::Interval& interval) {
  if (std::isnan(interval.low)) return "-";
  return difference_text(score, interval.low) + " .. " + difference_text(score, interval.high);
}

std::string label_of(const ScoreName& name) {
  return name.filter.empty() ? name.metric : name.filter;
}

std::string verdict_of(const ScoreComparison& score, double alpha) {
  if (score.p_holm >= alpha || gain_of(score) == 0) return "No difference is shown";
  return gain_of(score) > 0 ? "B is better" : "B is worse";
}

std::string sentence_of(const ScoreComparison& score, double alpha) {
  const scorers::PairedComparison& paired = score.paired;
  if (paired.binary && paired.a_only + paired.b_only == 0) {
    return "No difference is shown: A and B answer the same questions correctly.";
  }
  if (paired.difference == 0 && !paired.binary) return "No difference is shown: A and B score the same on average.";
  std::string text = verdict_of(score, alpha) + ": ";
  if (paired.binary) {
    text += fmt::format("B answers {} that A missed and misses {} that A answered", count_of(paired.b_only, "question"),
                        paired.a_only);
  } else {
    text += size_of(score);
  }
  text += "; a difference this large arises by chance " + by_chance(paired.p);
  if (score.p_holm != paired.p) {
    text += fmt::format(" (corrected for all that is compared: p {})", format_p(score.p_holm));
  }
  return text + ".";
}

std::string wrapped(const std::string& text, const std::string& indent, size_t width) {
  std::string out;
  std::string line = indent;
  const auto end_line = [&] {
    out += line + "\n";
    line = indent;
  };
  const std::string shown = harmless(text);
  for (const std::string& word : split(shown, ' ')) {
    std::string_view rest = word;
    const bool begun = line.size() > indent.size();
    if (begun && display_width(line) + 1 + display_width(rest) > width) end_line();
    if (line.size() > indent.size()) line += " ";
    while (display_width(line) + display_width(rest) > width && width > display_width(line) + 1) {
      const std::string_view part = first_columns(rest, width - display_width(line));
      line += part;
      rest.remove_prefix(part.size());
      end_line();
    }
    line += rest;
  }
  return fmt::format("{}{}\n", out, line);
}

}  // namespace assay::reports
