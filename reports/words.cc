#include "reports/words.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"

namespace assay::reports {
namespace {

// B − A with the sign turned where less is better: above 0 B is better.
double gain_of(const ScoreComparison& score) {
  return score.lower_is_better ? -score.paired.difference : score.paired.difference;
}

std::string verdict_of(const ScoreComparison& score, double alpha) {
  if (score.p_holm >= alpha || gain_of(score) == 0) return "No difference is shown";
  return gain_of(score) > 0 ? "B is better" : "B is worse";
}

std::string size_of(const ScoreComparison& score) {
  const double size = std::fabs(score.paired.difference);
  const char* direction = score.paired.difference > 0 ? "higher" : "lower";
  const std::string over = "on average over " + count_of(score.paired.n, "sample");
  if (score.name.metric == "margin") {
    return fmt::format("the right answer's margin in log-probability is {:.4f} {} in B {}", size, direction, over);
  }
  if (score.share) return fmt::format("B scores {:.2f} points {} {}", 100 * size, direction, over);
  return fmt::format("B's {} is {:.4f} {} {}", score.name.metric, size, direction, over);
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

std::string label_of(const ScoreName& name) {
  return name.filter.empty() ? name.metric : name.filter;
}

std::string sentence_of(const ScoreComparison& score, double alpha) {
  const scorers::PairedComparison& paired = score.paired;
  if (paired.binary && paired.a_only + paired.b_only == 0) {
    return "No difference is shown: A and B answer the same questions rightly.";
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
  for (const std::string& word : split(text, ' ')) {
    const bool fits = count_code_points(line) + 1 + count_code_points(word) <= width;
    if (line.size() > indent.size() && !fits) {
      out += line + "\n";
      line = indent;
    }
    line += (line.size() > indent.size() ? " " : "") + word;
  }
  return fmt::format("{}{}\n", out, line);
}

}  // namespace assay::reports
