#include "reports/json_report.h"

#include "reports/comparison_text.h"
#include "reports/plain_text.h"
#include "reports/report_preferences.h"
#include "store/export.h"

namespace assay::reports {
namespace {

using store::Json;

constexpr size_t kFlipsOfARun = 100;
constexpr size_t kFlipText = 1000;  // code points of an answer; `assay export` has it whole

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json or_null(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json telling_flip_json(const TellingFlip& telling) {
  const Flip& flip = *telling.flip;
  return {{"subset", flip.subset},
          {"id", flip.id},
          {"gold", plain_line(flip.gold, kFlipText)},
          {"baseline_answer", plain_line(flip.answer_a, kFlipText)},
          {"answer", plain_line(flip.answer_b, kFlipText)},
          {"baseline_score", flip.score_a},
          {"score", flip.score_b},
          {"margin_change", or_null(flip.margin_change)}};
}

// As `assay compare --json` gives it, with the flips in the order of a report.
Json comparison_of(const ReportedRun& run) {
  if (!run.comparison) return nullptr;
  Json json = comparison_json({*run.comparison}, 0).at("tasks").at(0);
  json.erase("published");  // stands beside the run
  json.erase("sentence");   // it speaks of A and B; the run's message says it
  const Json a = json.at("a");
  const Json b = json.at("b");
  json.erase("a");
  json.erase("b");
  json["baseline"] = a;
  json["candidate"] = b;
  json["flips"] = Json::array();
  for (const TellingFlip& telling : telling_flips(run, kFlipsOfARun))
    json["flips"].push_back(telling_flip_json(telling));
  return json;
}

Json gate_of(const ReportedRun& run, const std::optional<double>& margin_points) {
  if (!run.gate || !margin_points) return nullptr;
  GateReport report;
  report.options.margin_points = *margin_points;
  report.tasks = {*run.gate};
  Json json = gate_json(report).at("tasks").at(0);
  for (const char* said_already : {"facts", "unknown", "allowed", "warnings", "task"}) json.erase(said_already);
  return json;
}

Json json_of_run(const Report& report, const ReportedRun& reported) {
  const store::RunInfo& info = reported.run.info;
  return {{"run", info.number},
          {"name", info.batch},
          {"task", info.task},
          {"protocol", info.protocol},
          {"model", model_of(reported.run)},
          {"state", to_string(info.state)},
          {"n", info.n},
          {"answered", info.answered},
          {"started", info.started},
          {"tags", reported.tags},
          {"hidden", reported.hidden},
          {"verdict", to_string(reported.verdict)},
          {"message", or_null(reported.message)},
          {"metrics", store::metrics_to_json(reported.run.metrics)},
          {"published", references_json(reported.published)},
          {"calibration", calibration_json(reported.calibration)},
          {"comparison", comparison_of(reported)},
          {"baseline_calibration", calibration_json(reported.baseline_calibration)},
          {"gate", gate_of(reported, report.margin_points)},
          {"executions", reported.executions.total > 0 ? executions_json(reported.executions) : Json(nullptr)},
          {"cost", cost_json(reported.cost)},
          {"scorer", reported.run.scorer_version},
          {"manifest_sha256", reported.run.manifest_sha256},
          {"manifest", reported.run.manifest},
          {"replay", or_null(reported.replay)}};
}

}  // namespace

Json json_report(const Report& report) {
  Json json = {{"schema", kReportSchema},
               {"verdict", to_string(report.verdict)},
               {"baseline", or_null(report.baseline)},
               {"margin", or_null(report.margin_points)},
               {"alpha", report.alpha},
               {"missing_tasks", report.missing_tasks},
               {"runs", Json::array()},
               {"preferences", Json::array()}};
  for (const ReportedRun& run : report.runs) json["runs"].push_back(json_of_run(report, run));
  for (const PreferenceReport& round : report.preferences) {
    json["preferences"].push_back(shared_preference_json(round));
  }
  return json;
}

std::string json_report_text(const Report& report) {
  return json_report(report).dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace assay::reports
