#include "reports/markdown_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "reports/markdown_text.h"
#include "reports/model_names.h"
#include "reports/preference_words.h"
#include "reports/report_verdict.h"
#include "reports/run_table.h"
#include "reports/shorten.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

// Code points that are shown of a text.
constexpr size_t kName = 48;
constexpr size_t kId = 80;
constexpr size_t kAnswer = 60;
constexpr size_t kCommand = 160;
constexpr size_t kRefusal = 400;
constexpr size_t kFlipsShown = 5;
// Bytes that a part may take: together below kMarkdownLimit with the fixed words between them.
constexpr size_t kRowBytes = 24000;
constexpr size_t kNoteBytes = 12000;
constexpr size_t kFlipBytes = 8000;
constexpr size_t kPreferenceBytes = 4000;
constexpr size_t kOriginBytes = 12000;

// Lines up to a number of bytes; the rest is counted.
class Lines {
 public:
  explicit Lines(size_t most) : most_(most) {}
  void add(const std::string& line) {
    if (left_out_ > 0 || text_.size() + line.size() + 1 > most_) {
      ++left_out_;
    } else {
      text_ += line + "\n";
    }
  }
  bool empty() const { return text_.empty() && left_out_ == 0; }
  const std::string& text() const { return text_; }
  // "\n3 runs not shown here for want of space.\n", or nothing.
  std::string rest(const char* thing) const {
    if (left_out_ == 0) return "";
    return fmt::format("\n{} not shown here for want of space.\n", count_of(left_out_, thing));
  }

 private:
  size_t most_;
  std::string text_;
  int64_t left_out_ = 0;
};

std::vector<const ReportedRun*> worst_first(const Report& report) {
  std::vector<const ReportedRun*> runs;
  for (const ReportedRun& run : report.runs) runs.push_back(&run);
  std::stable_sort(runs.begin(), runs.end(), [](const auto* a, const auto* b) { return a->verdict < b->verdict; });
  return runs;
}

std::string cells(const std::vector<std::string>& row) {
  return fmt::format("| {} |", join(row, " | "));
}

bool compares(const Report& report) {
  return !report.baseline.empty();
}

std::string verdict_cell(ReportVerdict verdict) {
  const bool bad = verdict <= ReportVerdict::kUnfinished;
  return bad ? fmt::format("**{}**", words_for(verdict)) : words_for(verdict);
}

std::string score_cell(const scorers::Metric& metric) {
  return format_score(metric, metric.value);
}

std::string interval_cell(const scorers::Metric& metric) {
  return fmt::format("{} .. {}", format_score(metric, metric.low), format_score(metric, metric.high));
}

std::string metric_cell(const scorers::Metric& metric) {
  return markdown_cell(metric.filter.empty() ? metric.name : metric.name + ", " + metric.filter, kName);
}

std::string row_of_run(const ReportedRun& run) {
  const store::RunInfo& info = run.run.info;
  std::vector<std::string> row{markdown_cell(info.batch, kName), markdown_cell(info.task, kName), "–", "–", "–",
                               std::to_string(info.answered),    verdict_cell(run.verdict)};
  if (run.verdict != ReportVerdict::kUnfinished && !run.run.metrics.empty()) {
    const scorers::Metric& metric = run.run.metrics.front();
    row[2] = metric_cell(metric);
    row[3] = score_cell(metric);
    row[4] = interval_cell(metric);
    row[5] = std::to_string(metric.n);
  }
  return cells(row);
}

std::string value_cell(const ScoreComparison& score, double value) {
  return score.share ? fmt::format("{:.2f}", 100 * value) : fmt::format("{:.4f}", value);
}

std::string row_of_comparison(const ReportedRun& run) {
  const store::RunInfo& info = run.run.info;
  std::vector<std::string> row{markdown_cell(info.batch, kName), markdown_cell(info.task, kName), "–", "–", "–", "–",
                               std::to_string(info.answered),    verdict_cell(run.verdict)};
  if (run.comparison) {
    const ScoreComparison& score = run.comparison->scores.front();
    row[2] = value_cell(score, score.paired.a);
    row[3] = value_cell(score, score.paired.b);
    row[4] = difference_words(score, score.paired.difference);
    row[5] = fmt::format("{} .. {}", difference_words(score, score.paired.interval.low),
                         difference_words(score, score.paired.interval.high));
    row[6] = std::to_string(score.paired.n);
  } else if (run.verdict != ReportVerdict::kUnfinished && !run.run.metrics.empty()) {
    row[3] = score_cell(run.run.metrics.front());
  }
  return cells(row);
}

std::string table_of(const Report& report) {
  std::string text = compares(report)
                         ? "| run | task | baseline | score | difference | 95 % interval | samples | verdict |\n"
                           "| :-- | :-- | --: | --: | --: | --: | --: | :-- |\n"
                         : "| run | task | metric | score | 95 % interval | samples | state |\n"
                           "| :-- | :-- | :-- | --: | --: | --: | :-- |\n";
  Lines rows(kRowBytes);
  for (const ReportedRun* run : worst_first(report)) {
    rows.add(compares(report) ? row_of_comparison(*run) : row_of_run(*run));
  }
  return text + rows.text() + rows.rest("run");
}

// "2 regressed, 1 passed".
std::string counts_of(const Report& report) {
  std::map<ReportVerdict, int> counts;
  for (const ReportedRun& run : report.runs) ++counts[run.verdict];
  std::vector<std::string> words;
  for (const auto& [verdict, count] : counts) words.push_back(fmt::format("{} {}", count, words_for(verdict)));
  return join(words, ", ");
}

// Known by the last part of its path, as others know it; what is too long loses its middle.
std::string model_code(const std::string& model) {
  return markdown_code(shortened(last_part_of_model(model), kName, Cut::kMiddle), kName);
}

std::string run_and_model(const store::Run& run) {
  return fmt::format("{} (model {})", markdown_code(run.info.batch, kName), model_code(model_of(run)));
}

bool has_one_batch(const Report& report) {
  return std::all_of(report.runs.begin(), report.runs.end(), [&](const ReportedRun& run) {
    return run.run.info.batch_id == report.runs.front().run.info.batch_id;
  });
}

// Of a run among those of the report: its task, with its batch where there are several.
std::string name_in(const Report& report, const ReportedRun& run) {
  const store::RunInfo& info = run.run.info;
  return has_one_batch(report) ? info.task : info.batch + "/" + info.task;
}

std::string subject_of(const Report& report) {
  std::string text = has_one_batch(report) ? run_and_model(report.runs.front().run)
                                           : count_of(std::ssize(report.runs), "run") + " of several batches";
  if (!compares(report)) return text;
  text += " against ";
  const auto compared = std::find_if(report.runs.begin(), report.runs.end(),
                                     [](const ReportedRun& run) { return run.comparison.has_value(); });
  text +=
      compared == report.runs.end() ? markdown_code(report.baseline, kName) : run_and_model(compared->comparison->a);
  if (report.margin_points) {
    text += fmt::format(", margin {:g} point{}", *report.margin_points, *report.margin_points == 1 ? "" : "s");
  }
  return text;
}

std::string head_of(const Report& report) {
  std::string text =
      fmt::format("## Assay: {}\n\n{}: {}.\n", words_for(report.verdict), subject_of(report), counts_of(report));
  if (!report.missing_tasks.empty()) {
    text += fmt::format("\nNot compared, because only the baseline has {}: {}\n",
                        report.missing_tasks.size() == 1 ? "it" : "them",
                        markdown_code(join(report.missing_tasks, ", "), kRefusal));
  }
  return text + "\n";
}

void add_published(Lines& notes, const ReportedRun& run, const std::string& task) {
  for (const Reference& reference : run.published) {
    if (!reference.same_setting) continue;
    const datasets::PublishedNumber& number = reference.number;
    notes.add(fmt::format("- {}: published {} ({}, {}), which {}", task, markdown_code(number.printed, kName),
                          markdown_code(number.reported_by, kName), markdown_code(number.source_date, kName),
                          reference.sentence));
  }
}

std::string notes_of(const Report& report) {
  Lines notes(kNoteBytes);
  for (const ReportedRun* run : worst_first(report)) {
    const std::string task = markdown_code(name_in(report, *run), 2 * kName);
    const bool quotes = run->verdict == ReportVerdict::kRefused;
    if (!run->message.empty()) {
      notes.add(fmt::format("- {}: {}", task, quotes ? markdown_code(run->message, kRefusal) : run->message));
    }
    if (run->comparison) {
      for (const std::string& warning : run->comparison->warnings) {
        notes.add(fmt::format("- {}: warning: {}", task, markdown_code(warning, kRefusal)));
      }
    }
    add_published(notes, *run, task);
  }
  return notes.empty() ? "" : fmt::format("\n{}{}", notes.text(), notes.rest("note"));
}

std::string flip_row(const Report& report, const TellingFlip& telling) {
  const Flip& flip = *telling.flip;
  return cells({markdown_cell(name_in(report, *telling.run), 2 * kName), markdown_cell(flip.id, kId),
                markdown_cell(flip.gold, kAnswer), markdown_cell(flip.answer_a, kAnswer),
                markdown_cell(flip.answer_b, kAnswer), fmt::format("{:g} → {:g}", flip.score_a, flip.score_b),
                flip.margin_change ? fmt::format("{:+.3f}", *flip.margin_change) : "–"});
}

std::string flip_lines(const Report& report) {
  Lines rows(kFlipBytes);
  for (const TellingFlip& flip : telling_flips(report, kFlipsShown)) rows.add(flip_row(report, flip));
  if (rows.empty()) return "";
  size_t all = 0;
  for (const ReportedRun& run : report.runs) all += run.comparison ? run.comparison->flips.size() : 0;
  const std::string count = count_of(static_cast<int64_t>(all), "answer");
  return fmt::format(
      "\n### Most telling of {} that changed\n\n"
      "| task | sample | right | baseline | now | score | margin |\n"
      "| :-- | :-- | :-- | :-- | :-- | --: | --: |\n{}",
      count, rows.text());
}

std::string preference_row(const PreferenceReport& round, const PairPreference& pair, double alpha) {
  constexpr const char* kShown[] = {"worse", "not shown", "better"};
  const PreferenceRow& all = pair.all;
  return cells({markdown_cell(round.round, kName), markdown_cell(round.models[pair.a], kName),
                markdown_cell(round.models[pair.b], kName), std::to_string(all.votes),
                percent_text(all.win.share.mean.mean), percent_text(all.tie.share.mean.mean),
                percent_text(all.loss.share.mean.mean), percent_text(all.score.mean.mean),
                percent_interval_text(all.score.interval), kShown[1 + shown_better(all, alpha)]});
}

std::string preferences_of(const Report& report) {
  Lines rows(kPreferenceBytes);
  for (const PreferenceReport& round : report.preferences) {
    for (const PairPreference& pair : round.pairs) {
      if (!pair.all.hidden) rows.add(preference_row(round, pair, report.alpha));
    }
  }
  if (rows.empty()) return "";
  return fmt::format(
      "\n### What people preferred\n\n"
      "| round | model | against | votes | better, % | same, % | worse, % | score | 95 % interval | difference |\n"
      "| :-- | :-- | :-- | --: | --: | --: | --: | --: | --: | :-- |\n{}{}\n"
      "Votes on blind pairs; a win is 100, a tie 50, a loss 0. A difference is shown at p {:g}, corrected for all "
      "pairs of a round.\n",
      rows.text(), rows.rest("pair"), report.alpha);
}

std::string origins_of(const Report& report) {
  Lines lines(kOriginBytes);
  for (const ReportedRun* run : worst_first(report)) {
    const store::RunInfo& info = run->run.info;
    std::string line = fmt::format("- run {}, {}: protocol {}, started {}, manifest {}, {}", info.number,
                                   markdown_code(info.batch + "/" + info.task, 2 * kName),
                                   markdown_code(info.protocol, kName), markdown_code(info.started, kName),
                                   markdown_code(run->run.manifest_sha256.substr(0, 12), kName), cost_words(run->cost));
    if (!run->replay.empty()) line += fmt::format(", {}", markdown_code(run->replay, kCommand));
    lines.add(line);
  }
  return fmt::format("\n<details><summary>Where the numbers come from</summary>\n\n{}{}\n</details>\n", lines.text(),
                     lines.rest("run"));
}

}  // namespace

std::string markdown_report(const Report& report) {
  return head_of(report) + table_of(report) + notes_of(report) + flip_lines(report) + preferences_of(report) +
         origins_of(report);
}

}  // namespace assay::reports
