// Comparisons as JSON.
#include <cmath>

#include "reports/comparison_text.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

using store::Json;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

const char* method_name(scorers::PairedMethod method) {
  switch (method) {
    case scorers::PairedMethod::kScore:
      return "mcnemar_exact";
    case scorers::PairedMethod::kStudent:
      return "student_t";
    case scorers::PairedMethod::kClustered:
      return "clustered_t";
  }
  return "";
}

Json score_json(const ScoreComparison& score) {
  const scorers::PairedComparison& paired = score.paired;
  Json json = {{"metric", score.name.metric},
               {"filter", score.name.filter.empty() ? Json(nullptr) : Json(score.name.filter)},
               {"average", score.macro ? "macro" : "micro"},
               {"lower_is_better", score.lower_is_better},
               {"n", paired.n},
               {"clusters", paired.clusters > 0 ? Json(paired.clusters) : Json(nullptr)},
               {"a", number(paired.a)},
               {"b", number(paired.b)},
               {"difference", number(paired.difference)},
               {"stderr", number(paired.stderr_)},
               {"low", number(paired.interval.low)},
               {"high", number(paired.interval.high)},
               {"method", method_name(paired.method)},
               {"p", number(paired.p)},
               {"p_holm", number(score.p_holm)}};
  if (paired.binary) {
    json["a_only"] = paired.a_only;
    json["b_only"] = paired.b_only;
    json["mcnemar"] = {{"exact_p", number(paired.mcnemar.exact_p)},
                       {"mid_p", number(paired.mcnemar.mid_p)},
                       {"ignores_clusters", paired.clusters > 0}};
  }
  if (score.bootstrap) {
    json["bootstrap"] = {
        {"stderr", number(score.bootstrap->stderr_)},
        {"percentile", {number(score.bootstrap->percentile.low), number(score.bootstrap->percentile.high)}},
        {"bca", {number(score.bootstrap->bca.low), number(score.bootstrap->bca.high)}}};
  }
  return json;
}

Json flip_json(const Flip& flip) {
  return {
      {"subset", flip.subset},     {"id", flip.id},
      {"gold", flip.gold},         {"answer_a", flip.answer_a},
      {"answer_b", flip.answer_b}, {"score_a", flip.score_a},
      {"score_b", flip.score_b},   {"margin_change", flip.margin_change ? Json(*flip.margin_change) : Json(nullptr)}};
}

Json run_json(const store::Run& run) {
  return {
      {"run", run.info.number}, {"name", run.info.batch}, {"model", run.manifest.value("model_name", Json(nullptr))}};
}

Json task_json(const TaskComparison& task, size_t flips) {
  Json json = {{"task", task.a.info.task}, {"a", run_json(task.a)}, {"b", run_json(task.b)}};
  json["scores"] = Json::array();
  for (const ScoreComparison& score : task.scores) json["scores"].push_back(score_json(score));
  json["margin"] = task.margin ? score_json(*task.margin) : Json(nullptr);
  json["sentence"] = sentence_of(task.scores.front());
  json["warnings"] = task.warnings;
  json.update(comparability_json(task.comparability));
  if (!task.subsets.empty()) {
    json["subsets"] = Json::array();
    for (const SubsetComparison& subset : task.subsets) {
      Json of_subset = score_json(subset.score);
      of_subset["subset"] = subset.subset;
      json["subsets"].push_back(std::move(of_subset));
    }
  }
  json["published"] = {{"a", references_json(task.published_a)}, {"b", references_json(task.published_b)}};
  json["changed"] = task.flips.size();
  json["flips"] = Json::array();
  for (size_t i = 0; i < std::min(flips, task.flips.size()); ++i) json["flips"].push_back(flip_json(task.flips[i]));
  return json;
}

}  // namespace

Json comparison_json(const std::vector<TaskComparison>& tasks, size_t flips) {
  Json json = {{"tasks", Json::array()}};
  for (const TaskComparison& task : tasks) json["tasks"].push_back(task_json(task, flips));
  return json;
}

}  // namespace assay::reports
