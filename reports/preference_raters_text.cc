// The raters of a round in words: what each said, and how far that can be relied on.
#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "reports/preference_text.h"
#include "reports/preference_words.h"
#include "reports/table.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

// Who prefers the answer to another prompt more often than this does not read.
constexpr double kGoldExpected = 0.75;
constexpr double kSideAlpha = 0.05;

std::string name_cell(const RaterQuality& rater) {
  return fmt::format("  {}{}", short_name(rater.name, 18), rater.left_out ? " *" : "");
}

std::string of_part(const RaterPart& part) {
  return part.hidden ? "-" : fmt::format("{} of {}", part.counted, part.asked);
}

double share_of_part(const RaterPart& part) {
  return static_cast<double>(part.counted) / static_cast<double>(part.asked);
}

std::vector<std::string> vote_cells(const RaterQuality& rater) {
  std::vector<std::string> cells = {name_cell(rater), std::to_string(rater.votes),
                                    percent_text(static_cast<double>(rater.ties) / static_cast<double>(rater.votes)),
                                    fmt::format("{:.1f}", rater.median_seconds)};
  if (rater.left.hidden) {
    cells.insert(cells.end(), {"-", "-", "-"});
  } else {
    cells.push_back(percent_text(share_of_part(rater.left)));
    cells.push_back(percent_interval_text(rater.left_interval));
    cells.push_back(format_p(rater.left_p));
  }
  return cells;
}

std::vector<std::string> reliability_cells(const RaterQuality& rater) {
  const bool known = !rater.repeats.hidden && !std::isnan(rater.kappa);
  return {name_cell(rater), of_part(rater.repeats), known ? fmt::format("{:.2f}", rater.kappa) : "-",
          of_part(rater.gold)};
}

std::string agreement_text(const PreferenceReport& report) {
  const Agreement& agreement = report.agreement;
  if (agreement.hidden) {
    return wrapped(fmt::format("agreement: unknown; {} are on items that several raters have",
                               few_votes(report.options.min_count)));
  }
  const auto alpha = [](double value) { return std::isnan(value) ? "-" : fmt::format("{:.2f}", value); };
  std::string text = fmt::format(
      "agreement: Krippendorff's alpha {} of the five steps (ordinal), {} of win, tie and loss (nominal), over {} that "
      "several raters have ({})",
      alpha(agreement.alpha_steps), alpha(agreement.alpha_verdict), count_of(agreement.items, "item"),
      count_of(agreement.votes, "vote"));
  if (std::isnan(agreement.alpha_verdict)) text += "; - where all votes are the same, so that nothing can agree";
  return wrapped(text);
}

std::vector<std::string> warnings_of(const RaterQuality& rater) {
  std::vector<std::string> warnings;
  const std::string name = short_name(rater.name, 60);
  const std::string remedy = rater.left_out ? "" : fmt::format("; --without '{}' shows the results without", name);
  if (!rater.gold.hidden && share_of_part(rater.gold) < kGoldExpected) {
    warnings.push_back(fmt::format("{} prefers an answer to another prompt in {} of {} gold pairs{}", name,
                                   rater.gold.asked - rater.gold.counted, rater.gold.asked, remedy));
  }
  if (!rater.left.hidden && rater.left_p_holm < kSideAlpha) {
    const bool left = 2 * rater.left.counted > rater.left.asked;
    warnings.push_back(fmt::format("{} prefers the {} side beyond chance (corrected for the raters: p {})", name,
                                   left ? "left" : "right", format_p(rater.left_p_holm)));
  }
  return warnings;
}

}  // namespace

std::string preference_raters_text(const PreferenceReport& report) {
  if (report.all_raters.hidden) return "";
  Table votes({"  rater", "votes", "same %", "seconds", "left %", "95 % interval", "p"});
  Table reliability({"  rater", "repeats alike", "kappa", "gold passed"});
  std::vector<std::string> hidden;
  std::string warnings;
  bool left_out = false;
  for (const RaterQuality& rater : report.raters) {
    if (rater.hidden) {
      hidden.push_back(short_name(rater.name, 30));
      continue;
    }
    left_out = left_out || rater.left_out;
    votes.add(vote_cells(rater));
    reliability.add(reliability_cells(rater));
    for (const std::string& warning : warnings_of(rater)) warnings += wrapped("warning: " + warning, "  ");
  }
  votes.add(vote_cells(report.all_raters));
  reliability.add(reliability_cells(report.all_raters));
  std::string text = "\nraters\n" + votes.text();
  if (!hidden.empty()) {
    text += wrapped(
        fmt::format("{}, or hidden to guard such a row: {}", few_votes(report.options.min_count), join(hidden, ", ")),
        "  ");
  }
  text += "\nhow far a rater can be relied on (repeats and gold count in no result)\n" + reliability.text();
  text += wrapped(fmt::format("- : fewer than {}, or hidden to guard such a cell", report.options.min_count), "  ");
  if (left_out) text += "  * left out of the results and of the last line\n";
  return fmt::format("{}{}\n{}", text, warnings, agreement_text(report));
}

}  // namespace assay::reports
