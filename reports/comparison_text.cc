#include "reports/comparison_text.h"

#include <fmt/format.h>

#include <cmath>

#include "base/display_width.h"
#include "reports/bars.h"
#include "reports/comparison_forest.h"
#include "reports/shorten.h"
#include "reports/table.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

// A name longer than this, in running text, loses its middle.
constexpr size_t kLongestTask = 48;
constexpr size_t kLongestBatch = 36;
constexpr size_t kComfortableName = 24;  // in a table
constexpr size_t kLeastForest = 15;
constexpr size_t kMostForest = 31;

std::vector<std::string> row_of(const std::string& label, const ScoreComparison& score) {
  const scorers::PairedComparison& paired = score.paired;
  return {fmt::format("  {}", label),
          value_text(score, paired.a),
          value_text(score, paired.b),
          difference_text(score, paired.difference),
          interval_text(score, paired.interval),
          format_p(paired.p),
          format_p(score.p_holm)};
}

std::string heading(const TaskComparison& task, const TextStyle& style) {
  const ScoreComparison& primary = task.scores.front();
  std::string text =
      fmt::format("{} (runs {} and {}): {}", shortened(task.a.info.task, kLongestTask, Cut::kMiddle, style),
                  task.a.info.number, task.b.info.number, count_of(primary.paired.n, "sample"));
  if (primary.paired.clusters > 0) text += fmt::format(" in {}", count_of(primary.paired.clusters, "cluster"));
  if (primary.macro) text += ", macro average";
  return wrapped(text);
}

// What stands behind the numbers of one score.
std::string evidence(const ScoreComparison& score) {
  const scorers::PairedComparison& paired = score.paired;
  if (paired.binary && paired.a_only + paired.b_only > 0) {
    const bool ignores = paired.method == scorers::PairedMethod::kClustered;
    return fmt::format("{}: right in A alone {}, in B alone {}; McNemar exact p {}, mid-p {}{}", label_of(score.name),
                       paired.a_only, paired.b_only, format_p(paired.mcnemar.exact_p), format_p(paired.mcnemar.mid_p),
                       ignores ? " (they ignore the clusters; p above is the clustered test's)" : "");
  }
  if (!score.bootstrap) return "";
  return fmt::format("{}: paired bootstrap interval {} (BCa)", label_of(score.name),
                     interval_text(score, score.bootstrap->bca));
}

Table comparison_table(const std::string& names) {
  Table table({names, "A", "B", "B - A", "95 % interval", "p", "Holm p"});
  table.may_shorten(0, kComfortableName);
  return table;
}

std::string task_text(const TaskComparison& task, const TextStyle& style) {
  std::string text = heading(task, style);
  Table table = comparison_table("  score");
  for (const ScoreComparison& score : task.scores) table.add(row_of(label_of(score.name), score));
  if (task.margin) table.add(row_of("margin", *task.margin));
  text += table.text(style);
  text += wrapped(sentence_of(task.scores.front()), "  ");
  for (const ScoreComparison& score : task.scores) {
    if (const std::string line = evidence(score); !line.empty()) text += wrapped(line, "  ");
  }
  if (task.margin) {
    if (const std::string line = evidence(*task.margin); !line.empty()) text += wrapped(line, "  ");
  }
  for (const std::string& warning : task.warnings) text += wrapped("warning: " + warning, "  ");
  return text;
}

std::string subsets_text(const TaskComparison& task, const TextStyle& style) {
  if (task.subsets.empty()) return "";
  std::vector<const ScoreComparison*> scores;
  for (const SubsetComparison& subset : task.subsets) scores.push_back(&subset.score);
  const double scale = forest_scale_of(scores);
  Table table = comparison_table("  subset");
  table.add_pictures(kLeastForest, kMostForest, [=](size_t columns) { return forest_head(scale, columns); });
  for (const SubsetComparison& subset : task.subsets) {
    table.add(row_of(subset.subset.empty() ? "all" : subset.subset, subset.score),
              forest_of(subset.score, scale, style));
  }
  return table.text(style) +
         wrapped(fmt::format("(Holm p is corrected for the {})", count_of(std::ssize(task.subsets), "subset")), "  ");
}

std::string short_answer(const std::string& text, const TextStyle& style) {
  constexpr size_t kLongest = 13;
  return shortened(text, kLongest, Cut::kEnd, style);
}

std::string margin_text(double change) {
  return std::fabs(change) < 1e5 ? fmt::format("{:+.3f}", change) : format_number(change, /*sign=*/true);
}

std::string flips_text(const TaskComparison& task, size_t limit, const TextStyle& style) {
  if (limit == 0 || task.flips.empty()) return "";
  Table table({"  changed", "gold", "A", "B", "score", "margin"}, {0, 1, 2, 3});
  table.may_shorten(0, kComfortableName);
  for (const size_t answer : {1, 2, 3}) table.may_shorten(answer, 8);
  for (size_t i = 0; i < std::min(limit, task.flips.size()); ++i) {
    const Flip& flip = task.flips[i];
    table.add({fmt::format("  {}", flip.id), short_answer(flip.gold, style), short_answer(flip.answer_a, style),
               short_answer(flip.answer_b, style), fmt::format("{:g} -> {:g}", flip.score_a, flip.score_b),
               flip.margin_change ? margin_text(*flip.margin_change) : ""});
  }
  std::string text = table.text(style);
  if (task.flips.size() > limit) text += fmt::format("  ({} more changed)\n", task.flips.size() - limit);
  return text;
}

std::string side_text(const char* side, const store::Run& run, const TextStyle& style) {
  const store::Json name = run.manifest.value("model_name", store::Json("unknown"));
  const std::string text = fmt::format("{}  {}, ", side, shortened(run.info.batch, kLongestBatch, Cut::kMiddle, style));
  const std::string model = name.is_string() ? name.get<std::string>() : show_value(name);
  return text + shortened_model(model, kTerminalColumns - display_width(text), style) + "\n";
}

}  // namespace

std::string comparison_text(const std::vector<TaskComparison>& tasks, size_t flips, const TextStyle& style) {
  std::string text = side_text("A", tasks.front().a, style) + side_text("B", tasks.front().b, style);
  std::vector<const Comparability*> comparabilities;
  for (const TaskComparison& task : tasks) comparabilities.push_back(&task.comparability);
  text += comparability_text(comparabilities, style);
  if (const std::string overview = comparison_overview(tasks, style); !overview.empty()) text += "\n" + overview;
  for (const TaskComparison& task : tasks) {
    text +=
        fmt::format("\n{}{}{}{}{}", task_text(task, style), subsets_text(task, style), flips_text(task, flips, style),
                    references_text(task.published_a, style, "A: "), references_text(task.published_b, style, "B: "));
  }
  return text;
}

}  // namespace assay::reports
