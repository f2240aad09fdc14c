#include "reports/comparison_text.h"

#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "reports/table.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

// A share as a percentage, anything else as it is.
std::string value_text(const ScoreComparison& score, double value) {
  if (std::isnan(value)) return "-";
  return score.share ? fmt::format("{:.2f}", 100 * value) : fmt::format("{:.4f}", value);
}

std::string difference_text(const ScoreComparison& score, double value) {
  if (std::isnan(value)) return "-";
  if (score.share) return fmt::format("{:+.2f}", 100 * value);
  // Two engines that compute the same differ in the last bits: that is not 0.
  const bool tiny = value != 0 && std::fabs(value) < 0.00005;
  return tiny ? fmt::format("{:+.0e}", value) : fmt::format("{:+.4f}", value);
}

std::string interval_text(const ScoreComparison& score, const scorers::Interval& interval) {
  if (std::isnan(interval.low)) return "-";
  return difference_text(score, interval.low) + " .. " + difference_text(score, interval.high);
}

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

std::string heading(const TaskComparison& task) {
  const ScoreComparison& primary = task.scores.front();
  std::string text = fmt::format("{} (runs {} and {}): {}", task.a.info.task, task.a.info.number, task.b.info.number,
                                 count_of(primary.paired.n, "sample"));
  if (primary.paired.clusters > 0) text += fmt::format(" in {}", count_of(primary.paired.clusters, "cluster"));
  if (primary.macro) text += ", macro average";
  return text + "\n";
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

std::string task_text(const TaskComparison& task) {
  std::string text = heading(task);
  Table table({"  score", "A", "B", "B - A", "95 % interval", "p", "Holm p"});
  for (const ScoreComparison& score : task.scores) table.add(row_of(label_of(score.name), score));
  if (task.margin) table.add(row_of("margin", *task.margin));
  text += table.text();
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

std::string published_text(const char* side, const std::vector<Reference>& references) {
  return references.empty() ? "" : fmt::format("{}: {}", side, references_text(references));
}

std::string subsets_text(const TaskComparison& task) {
  if (task.subsets.empty()) return "";
  Table table({"  subset", "A", "B", "B - A", "95 % interval", "p", "Holm p"});
  for (const SubsetComparison& subset : task.subsets) {
    table.add(row_of(subset.subset.empty() ? "all" : subset.subset, subset.score));
  }
  return table.text() + wrapped(fmt::format("(Holm p is corrected for the {} subsets)", task.subsets.size()), "  ");
}

std::string short_answer(const std::string& text) {
  constexpr size_t kLongest = 13;
  const std::string line = printable(text);
  if (count_code_points(line) <= kLongest) return line;
  size_t end = 0;
  for (size_t i = 0; i + 1 < kLongest; ++i) next_code_point(line, end);
  return line.substr(0, end) + "…";
}

std::string flips_text(const TaskComparison& task, size_t limit) {
  if (limit == 0 || task.flips.empty()) return "";
  Table table({"  changed", "gold", "A", "B", "score", "margin"}, {0, 1, 2, 3});
  for (size_t i = 0; i < std::min(limit, task.flips.size()); ++i) {
    const Flip& flip = task.flips[i];
    table.add({fmt::format("  {}", flip.id), short_answer(flip.gold), short_answer(flip.answer_a),
               short_answer(flip.answer_b), fmt::format("{:g} -> {:g}", flip.score_a, flip.score_b),
               flip.margin_change ? fmt::format("{:+.3f}", *flip.margin_change) : ""});
  }
  std::string text = table.text();
  if (task.flips.size() > limit) text += fmt::format("  ({} more changed)\n", task.flips.size() - limit);
  return text;
}

std::string side_text(const char* side, const store::Run& run) {
  const store::Json model = run.manifest.value("model_name", store::Json("unknown"));
  return fmt::format("{}  {}, {}\n", side, run.info.batch, show_value(model));
}

}  // namespace

std::string comparison_text(const std::vector<TaskComparison>& tasks, size_t flips) {
  std::string text = side_text("A", tasks.front().a) + side_text("B", tasks.front().b);
  std::vector<const Comparability*> comparabilities;
  for (const TaskComparison& task : tasks) comparabilities.push_back(&task.comparability);
  text += comparability_text(comparabilities);
  for (const TaskComparison& task : tasks) {
    text += fmt::format("\n{}{}{}{}{}", task_text(task), subsets_text(task), flips_text(task, flips),
                        published_text("A", task.published_a), published_text("B", task.published_b));
  }
  return text;
}

}  // namespace assay::reports
