// A gate's report in words and as JSON.
#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "reports/comparison_text.h"
#include "reports/gate.h"
#include "reports/shorten.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

std::string points(double share) {
  return std::isnan(share) ? "-" : fmt::format("{:+.2f}", 100 * share);
}

std::string task_line(const GateTask& task, const GateReportOptions& options) {
  std::string line = fmt::format("{} {}: {} points ({} .. {}, margin {:g}), n {}", harmless(task.baseline.info.task),
                                 harmless(label_of(task.score)), points(task.difference), points(task.limits.low),
                                 points(task.limits.high), options.margin_points, task.n);
  if (task.clusters > 0) line += fmt::format(" in {}", count_of(task.clusters, "cluster"));
  line += ": " + to_string(task.verdict);
  if (task.samples_to_settle) {
    line += fmt::format("; about {} would settle it", count_of(*task.samples_to_settle, "sample"));
  }
  return line + "\n";
}

store::Json finite_number(double value) {
  return std::isfinite(value) ? store::Json(value) : store::Json(nullptr);
}

}  // namespace

std::string gate_text(const GateReport& report, const TextStyle& style) {
  std::vector<const Comparability*> comparabilities;
  for (const GateTask& task : report.tasks) comparabilities.push_back(&task.comparability);
  std::string text = comparability_text(comparabilities, style);
  std::vector<std::string> responsible;
  for (const GateTask& task : report.tasks) {
    text += task_line(task, report.options);
    for (const std::string& warning : task.warnings) text += wrapped("warning: " + warning, "  ");
    if (task.verdict == report.verdict) responsible.push_back(harmless(task.baseline.info.task));
  }
  text += "verdict: " + to_string(report.verdict);
  if (report.tasks.size() > 1 && report.verdict != GateVerdict::kPassed) text += " (" + join(responsible, ", ") + ")";
  return text + "\n";
}

store::Json gate_json(const GateReport& report) {
  store::Json json = {{"verdict", to_string(report.verdict)},    {"margin", report.options.margin_points},
                      {"alpha", report.options.alpha},           {"power", report.options.power},
                      {"sequential", report.options.sequential}, {"tasks", store::Json::array()}};
  for (const GateTask& task : report.tasks) {
    store::Json of_task = {
        {"task", task.baseline.info.task},
        {"baseline", task.baseline.info.number},
        {"candidate", task.candidate.info.number},
        {"metric", task.score.metric},
        {"filter", task.score.filter.empty() ? store::Json(nullptr) : store::Json(task.score.filter)},
        {"n", task.n},
        {"clusters", task.clusters > 0 ? store::Json(task.clusters) : store::Json(nullptr)},
        {"difference", finite_number(task.difference)},
        {"low", finite_number(task.limits.low)},
        {"high", finite_number(task.limits.high)},
        {"p_inferior", finite_number(task.p_inferior)},
        {"p_inferior_holm", finite_number(task.p_inferior_holm)},
        {"p_not_worse", finite_number(task.p_not_worse)},
        {"samples_to_settle", task.samples_to_settle ? store::Json(*task.samples_to_settle) : store::Json(nullptr)},
        {"verdict", to_string(task.verdict)},
        {"warnings", task.warnings}};
    of_task.update(comparability_json(task.comparability));
    json["tasks"].push_back(std::move(of_task));
  }
  return json;
}

}  // namespace assay::reports
