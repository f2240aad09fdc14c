#include "reports/preference_words.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "reports/plain_text.h"
#include "reports/preference_strengths.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

std::string preferred(const PairPreference& pair, double alpha) {
  const int better = shown_better(pair.all, alpha);
  if (better == 0) return "No difference is shown";
  return model_letter(better > 0 ? pair.a : pair.b) + " is better";
}

std::string votes_said(const PairPreference& pair) {
  const PreferenceRow& all = pair.all;
  if (all.tie.count == all.votes) return "raters call every pair about the same";
  std::string text = fmt::format("raters prefer {} in {} and {} in {}", model_letter(pair.a),
                                 count_of(all.win.count, "vote"), model_letter(pair.b), all.loss.count);
  if (all.tie.count > 0) text += fmt::format(", and call {} about the same", all.tie.count);
  return text;
}

}  // namespace

std::string percent_text(double share) {
  return std::isnan(share) ? "-" : fmt::format("{:.1f}", 100 * share);
}

std::string percent_interval_text(const scorers::Interval& interval) {
  if (std::isnan(interval.low) || std::isnan(interval.high)) return "-";
  return fmt::format("{:.1f} .. {:.1f}", 100 * interval.low, 100 * interval.high);
}

std::string short_name(const std::string& name, size_t longest) {
  std::string shown;
  size_t offset = 0;
  for (size_t count = 0; offset < name.size(); ++count) {
    const char32_t c = next_code_point(name, offset);
    if (count + 1 == longest && offset < name.size()) return shown + "…";
    append_utf8(shown, turns_direction(c) ? U'?' : c);
  }
  return shown;
}

std::string few_votes(int64_t min_count) {
  return fmt::format("fewer than {}", count_of(min_count, "vote"));
}

int shown_better(const PreferenceRow& row, double alpha) {
  const double lead = row.score.mean.mean - 0.5;
  if (!(row.p_holm < alpha) || lead == 0) return 0;
  return lead > 0 ? 1 : -1;
}

std::string sentence_of(const PairPreference& pair, double alpha) {
  const PreferenceRow& all = pair.all;
  if (std::isnan(all.p)) return fmt::format("Nothing can be told from one prompt: {}.", votes_said(pair));
  std::string text = fmt::format("{}: {}", preferred(pair, alpha), votes_said(pair));
  if (all.score.mean.mean == 0.5) return text + ".";
  text += "; a difference this large arises by chance " + by_chance(all.p);
  if (all.p_holm != all.p) text += fmt::format(" (corrected for all that is compared: p {})", format_p(all.p_holm));
  return text + ".";
}

std::string power_sentence(const PreferenceRow& row) {
  if (!row.detectable) return "";
  std::string text;
  if (*row.detectable >= 0.5) {
    text = "These votes cannot tell even a model that always wins from an equal one, 4 times of 5";
  } else {
    text = fmt::format("These votes find a score {:.1f} points from 50 in 80 of 100 cases", 100 * *row.detectable);
  }
  if (*row.detectable <= 0.05) return text + ".";
  if (row.prompts_for_5) {
    return text + fmt::format("; 5 points would need {} with the same raters.", count_of(*row.prompts_for_5, "prompt"));
  }
  return text + "; for 5 points more prompts are not enough: raters differ too much, and more of them are needed.";
}

}  // namespace assay::reports
