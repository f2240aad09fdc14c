#include "reports/comparison_forest.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/bars.h"
#include "reports/comparison_text.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

constexpr size_t kComfortableTask = 26;
constexpr size_t kLeastOverview = 11;
constexpr size_t kMostOverview = 31;

Tone tone_of(const ScoreComparison& score) {
  const std::string verdict = verdict_of(score);
  return verdict == "B is better" ? Tone::kGood : verdict == "B is worse" ? Tone::kBad : Tone::kNone;
}

}  // namespace

double forest_scale_of(const std::vector<const ScoreComparison*>& scores) {
  std::vector<double> shares;
  for (const ScoreComparison* score : scores) {
    if (!score->share) continue;
    const scorers::PairedComparison& paired = score->paired;
    shares.insert(shares.end(), {paired.difference, paired.interval.low, paired.interval.high});
  }
  return forest_scale(shares);
}

Table::Picture forest_of(const ScoreComparison& score, double scale, const TextStyle& style) {
  if (!score.share) return nullptr;
  return [=, difference = score.paired.difference, interval = score.paired.interval, tone = tone_of(score)](
             size_t columns) { return forest_row(difference, interval, scale, columns, tone, style); };
}

std::string comparison_overview(const std::vector<TaskComparison>& tasks, const TextStyle& style) {
  std::vector<const ScoreComparison*> scores;
  for (const TaskComparison& task : tasks) scores.push_back(&task.scores.front());
  if (std::none_of(scores.begin(), scores.end(), [](const ScoreComparison* score) { return score->share; })) return "";
  const double scale = forest_scale_of(scores);
  Table table({"task", "B - A", "95 % interval", ""}, {0, 3});
  table.may_shorten(0, kComfortableTask);
  table.add_pictures(kLeastOverview, kMostOverview, [=](size_t columns) { return forest_head(scale, columns); });
  for (const TaskComparison& task : tasks) {
    const ScoreComparison& score = task.scores.front();
    const std::string verdict = verdict_of(score);
    table.add({task.a.info.task, difference_text(score, score.paired.difference),
               interval_text(score, score.paired.interval), verdict.starts_with("B is") ? verdict : ""},
              forest_of(score, scale, style));
  }
  return table.text(style);
}

}  // namespace assay::reports
