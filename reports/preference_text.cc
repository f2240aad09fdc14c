#include "reports/preference_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "reports/preference_strengths.h"
#include "reports/preference_words.h"
#include "reports/table.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

std::string pair_name(const PairPreference& pair) {
  return fmt::format("{} against {}", model_letter(pair.a), model_letter(pair.b));
}

std::string round_text(const PreferenceReport& report) {
  std::string text = wrapped(fmt::format("round {}, begun {}: {}, {} that count", report.round, report.started,
                                         count_of(std::ssize(report.models), "model"), count_of(report.votes, "vote")));
  for (size_t i = 0; i < report.models.size(); ++i) {
    text += fmt::format("{}  run {}, {}\n", model_letter(i), report.runs[i], short_name(report.models[i], 60));
  }
  if (!report.options.without.empty()) {
    text += wrapped(fmt::format("without the votes of {} (--without)", join(report.options.without, ", ")));
  }
  return text;
}

std::vector<std::string> count_cells(const std::string& label, const PreferenceCount& count) {
  return {fmt::format("  {}", label), std::to_string(count.count), percent_text(count.share.mean.mean),
          percent_interval_text(count.share.interval)};
}

std::string counts_table(const PairPreference& pair) {
  const PreferenceRow& all = pair.all;
  const std::string a = model_letter(pair.a);
  Table table({"", "votes", "%", "95 % interval", "p", "Holm p"});
  table.add(count_cells(a + " better", all.win));
  table.add(count_cells("  much", all.much_win));
  table.add(count_cells("about the same", all.tie));
  table.add(count_cells(model_letter(pair.b) + " better", all.loss));
  table.add(count_cells("  much", all.much_loss));
  table.add({fmt::format("  score of {}", a), "", percent_text(all.score.mean.mean),
             percent_interval_text(all.score.interval), format_p(all.p), format_p(all.p_holm)});
  table.add(count_cells("both bad", pair.both_bad));
  return table.text();
}

std::string categories_table(const PreferenceReport& report, const PairPreference& pair) {
  const std::string a = model_letter(pair.a);
  const std::string b = model_letter(pair.b);
  Table table({"  category", "votes", a, "same", b, "score of " + a, "95 % interval", "Holm p"});
  std::vector<std::string> hidden;
  bool any = false;
  for (const PreferenceRow& row : pair.categories) {
    const std::string name = short_name(printable(row.category.empty() ? "none" : row.category), 16);
    if (row.hidden) {
      hidden.push_back(name);
      continue;
    }
    any = true;
    table.add({fmt::format("  {}", name), std::to_string(row.votes), std::to_string(row.win.count),
               std::to_string(row.tie.count), std::to_string(row.loss.count), percent_text(row.score.mean.mean),
               percent_interval_text(row.score.interval), format_p(row.p_holm)});
  }
  std::string text = any ? "\n" + table.text() : "";
  if (!hidden.empty()) {
    text += wrapped(
        fmt::format("{}, or hidden to guard such a row: {}", few_votes(report.options.min_count), join(hidden, ", ")),
        "  ");
  }
  return text;
}

std::string pair_text(const PreferenceReport& report, const PairPreference& pair) {
  const PreferenceRow& all = pair.all;
  if (all.hidden) {
    return fmt::format("\n{}: {}\n", pair_name(pair), few_votes(report.options.min_count));
  }
  std::string text = fmt::format("\n{}: {} on {} by {}\n", pair_name(pair), count_of(all.votes, "vote"),
                                 count_of(all.prompts, "prompt"), count_of(all.raters, "rater"));
  text += counts_table(pair);
  text += wrapped(sentence_of(pair), "  ");
  if (const std::string power = power_sentence(all); !power.empty()) text += wrapped(power, "  ");
  return text + categories_table(report, pair);
}

std::string pairs_table(const PreferenceReport& report) {
  Table table({"pair", "votes", "win", "same", "loss", "score", "95 % interval", "p", "Holm p"});
  std::vector<std::string> hidden;
  for (const PairPreference& pair : report.pairs) {
    const PreferenceRow& all = pair.all;
    const std::string name = fmt::format("{}-{}", model_letter(pair.a), model_letter(pair.b));
    if (all.hidden) {
      hidden.push_back(name);
      continue;
    }
    table.add({name, std::to_string(all.votes), std::to_string(all.win.count), std::to_string(all.tie.count),
               std::to_string(all.loss.count), percent_text(all.score.mean.mean),
               percent_interval_text(all.score.interval), format_p(all.p), format_p(all.p_holm)});
  }
  std::string text = "\n" + table.text();
  if (!hidden.empty()) text += wrapped(few_votes(report.options.min_count) + ": " + join(hidden, ", "));
  return text + wrapped(fmt::format("(win, loss and score are the first model's; Holm p is corrected for {}; --json "
                                    "has the categories)",
                                    count_of(std::ssize(report.pairs) - std::ssize(hidden), "pair")));
}

std::string elo_text(double log_strength) {
  return std::isnan(log_strength) ? "-" : fmt::format("{:+.0f}", kEloOfLog * log_strength);
}

std::string strengths_text(const PreferenceReport& report) {
  const Strengths& strengths = report.strengths;
  if (strengths.models.size() < 2) return "";
  std::string text = "\nstrength (Bradley-Terry with ties, after Davidson; the mean of the models is 0)\n";
  if (!strengths.fit) return text + wrapped(fmt::format("none: {}.", strengths.reason), "  ");
  std::vector<size_t> order(strengths.models.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  const std::vector<scorers::TwoWayMean>& values = strengths.fit->strengths;
  std::stable_sort(order.begin(), order.end(), [&](size_t i, size_t j) { return values[i].mean > values[j].mean; });
  Table table({"  model", "log strength", "95 % interval", "Elo", "95 % interval"});
  for (const size_t i : order) {
    const scorers::Interval& interval = values[i].interval;
    const bool known = !std::isnan(interval.low);
    table.add({fmt::format("  {}", model_letter(strengths.models[i])), fmt::format("{:+.3f}", values[i].mean),
               known ? fmt::format("{:+.3f} .. {:+.3f}", interval.low, interval.high) : "-", elo_text(values[i].mean),
               known ? fmt::format("{} .. {}", elo_text(interval.low), elo_text(interval.high)) : "-"});
  }
  return text + table.text();
}

std::string flag_cell(const PreferenceCount& count) {
  const std::string interval = percent_interval_text(count.share.interval);
  return fmt::format("{}{}", percent_text(count.share.mean.mean), interval == "-" ? "" : " (" + interval + ")");
}

std::string flags_text(const PreferenceReport& report) {
  Table table({"  model", "votes", "refuses wrongly", "unsafe", "broken"});
  bool any = false;
  for (size_t i = 0; i < report.flags.size(); ++i) {
    const ModelFlags& flags = report.flags[i];
    if (flags.votes == 0) continue;
    any = true;
    table.add({fmt::format("  {}", model_letter(i)), std::to_string(flags.votes), flag_cell(flags.refuses_wrongly),
               flag_cell(flags.unsafe), flag_cell(flags.broken)});
  }
  return any ? "\nflags, in % of the votes on a model's answers (95 % interval)\n" + table.text() : "";
}

std::string coverage_text(const PreferenceReport& report) {
  if (report.covered.items == 0) return "";
  std::vector<std::string> parts;
  for (const Coverage& coverage : report.coverage) {
    const std::string name = short_name(printable(coverage.category.empty() ? "none" : coverage.category), 30);
    parts.push_back(
        fmt::format("{} {}/{}", name, coverage.hidden ? "-" : std::to_string(coverage.rated), coverage.items));
  }
  return "\n" +
         wrapped(fmt::format("coverage: {} of {} have {} that count ({})", report.covered.rated,
                             count_of(report.covered.items, "item"),
                             report.overlap == 1 ? "a vote" : count_of(report.overlap, "vote"), join(parts, ", ")));
}

}  // namespace

std::string preference_text(const PreferenceReport& report) {
  std::string text = round_text(report);
  if (report.pairs.size() > kDetailedPairs) {
    text += pairs_table(report);
  } else {
    for (const PairPreference& pair : report.pairs) text += pair_text(report, pair);
  }
  return text + strengths_text(report) + flags_text(report) + coverage_text(report) + preference_raters_text(report);
}

}  // namespace assay::reports
