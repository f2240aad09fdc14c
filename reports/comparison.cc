#include "reports/comparison.h"

#include <algorithm>
#include <cmath>

#include "scorers/statistics/multiple_comparisons.h"

namespace assay::reports {
namespace {

// Weighted values whose plain mean is the weighted one, for the bootstrap (scorers/statistics/paired_comparison.h).
std::vector<double> linearised_differences(const ScoreColumns& columns, double difference) {
  std::vector<double> values;
  values.reserve(columns.a.size());
  for (size_t i = 0; i < columns.a.size(); ++i) {
    const double d = columns.b[i] - columns.a[i];
    values.push_back(columns.weight.empty() ? d : difference + columns.weight[i] * (d - difference));
  }
  return values;
}

bool all_shares(const std::vector<double>& scores) {
  return std::all_of(scores.begin(), scores.end(), [](double x) { return x >= 0 && x <= 1; });
}

ScoreComparison compare_columns(const ScoreColumns& columns) {
  ScoreComparison comparison;
  comparison.name = columns.name;
  comparison.lower_is_better = columns.lower_is_better;
  comparison.macro = !columns.weight.empty();
  comparison.paired = scorers::compare_paired(columns.view());
  comparison.share =
      !columns.lower_is_better && columns.name.key != "margin" && all_shares(columns.a) && all_shares(columns.b);
  const int64_t units = comparison.paired.clusters > 0 ? comparison.paired.clusters : comparison.paired.n;
  if (!comparison.paired.binary && units >= 2) {
    comparison.bootstrap =
        scorers::bootstrap(linearised_differences(columns, comparison.paired.difference), columns.cluster);
  }
  comparison.p_holm = comparison.paired.p;
  return comparison;
}

std::vector<Flip> flips_of(const Pairing& pairing, const std::string& score) {
  std::vector<Flip> flips;
  for (const PairedItem& item : pairing.items) {
    const auto a = item.a.scores.find(score);
    const auto b = item.b.scores.find(score);
    if (a == item.a.scores.end() || b == item.b.scores.end() || a->second == b->second) continue;
    Flip flip{item.subset, item.id, item.gold, item.a.answer, item.b.answer, a->second, b->second, std::nullopt};
    if (item.a.margin && item.b.margin) flip.margin_change = *item.b.margin - *item.a.margin;
    flips.push_back(std::move(flip));
  }
  const auto size = [](const Flip& flip) {
    return std::pair(std::fabs(flip.margin_change.value_or(0)), std::fabs(flip.score_b - flip.score_a));
  };
  std::stable_sort(flips.begin(), flips.end(), [&](const Flip& x, const Flip& y) { return size(x) > size(y); });
  return flips;
}

// p of the comparisons corrected for their number.
std::vector<double> corrected(const std::vector<const ScoreComparison*>& comparisons) {
  std::vector<double> p;
  for (const ScoreComparison* comparison : comparisons) p.push_back(comparison->paired.p);
  return scorers::holm(p);
}

std::vector<SubsetComparison> compare_subsets(const Pairing& pairing, const store::Run& a,
                                              const ColumnOptions& options) {
  std::vector<SubsetComparison> subsets;
  for (const auto& [subset, columns] : subset_columns(pairing, a, options)) {
    subsets.push_back({subset, compare_columns(columns)});
  }
  std::vector<const ScoreComparison*> scores;
  for (const SubsetComparison& subset : subsets) scores.push_back(&subset.score);
  const std::vector<double> p = corrected(scores);
  for (size_t i = 0; i < subsets.size(); ++i) subsets[i].score.p_holm = p[i];
  return subsets;
}

}  // namespace

TaskComparison compare_runs(const store::Store& store, const store::Run& a, const store::Run& b,
                            const ComparisonOptions& options) {
  const Pairing pairing = pair_runs(store, a, b);
  TaskComparison task{a, b, check_comparable(a, b, pairing, {options.allow, false}), {}, {}, {}, {}, {}, {}, {}};
  require_comparable(a, b, pairing, task.comparability);
  for (const ScoreColumns& columns : score_columns(pairing, a, options.columns)) {
    if (task.scores.empty()) task.warnings = columns.warnings;
    task.scores.push_back(compare_columns(columns));
  }
  if (const std::optional<ScoreColumns> margins = margin_columns(pairing, a, options.columns)) {
    task.margin = compare_columns(*margins);
  }
  if (options.by_subset) task.subsets = compare_subsets(pairing, a, options.columns);
  task.flips = flips_of(pairing, task.scores.front().name.key);
  return task;
}

void correct_over_tasks(std::vector<TaskComparison>& tasks) {
  std::vector<const ScoreComparison*> primary;
  std::vector<const ScoreComparison*> margins;
  for (const TaskComparison& task : tasks) {
    primary.push_back(&task.scores.front());
    if (task.margin) margins.push_back(&*task.margin);
  }
  const std::vector<double> p_margins = corrected(margins);
  size_t margin = 0;
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (tasks[i].margin) tasks[i].margin->p_holm = p_margins[margin++];
    for (ScoreComparison& score : tasks[i].scores) {
      std::vector<const ScoreComparison*> in_its_place = primary;
      in_its_place[i] = &score;
      score.p_holm = corrected(in_its_place)[i];
    }
  }
}

}  // namespace assay::reports
