#include "reports/run_table.h"

#include <fmt/format.h>

#include <cmath>

#include "reports/table.h"

namespace assay::reports {
namespace {

// Perplexity and bits per byte are not shares.
bool is_share(const scorers::Metric& metric) {
  return metric.name != "perplexity" && metric.name != "bits_per_byte";
}

std::string label(const scorers::Metric& metric) {
  return metric.filter.empty() ? metric.name : metric.name + ", " + metric.filter;
}

std::vector<std::string> score_cells(const scorers::Metric& metric) {
  return {format_score(metric, metric.value), format_score(metric, metric.stderr_),
          fmt::format("{} .. {}", format_score(metric, metric.low), format_score(metric, metric.high)),
          std::to_string(metric.n)};
}

void append(std::vector<std::string>& row, std::vector<std::string> cells) {
  row.insert(row.end(), std::make_move_iterator(cells.begin()), std::make_move_iterator(cells.end()));
}

std::string state_note(const store::Run& run) {
  if (run.info.state == store::State::kDone) {
    // Programs have no score until they are executed.
    const bool programs = run.scorer_version.starts_with("code/");
    return fmt::format("{} answers, {}", run.info.answered, programs ? "not executed" : "no score");
  }
  return fmt::format("{}: {} of {} answered", to_string(run.info.state), run.info.answered, run.info.n);
}

}  // namespace

std::string format_score(const scorers::Metric& metric, double value) {
  if (std::isnan(value)) return "-";
  return is_share(metric) ? fmt::format("{:.2f}", 100 * value) : fmt::format("{:.4f}", value);
}

std::string runs_table(const std::vector<store::Run>& runs) {
  Table table({"task", "metric", "average", "score", "stderr", "95 % interval", "n"}, {0, 1, 2});
  for (const store::Run& run : runs) {
    bool shown = false;
    for (const scorers::Metric& metric : run.metrics) {
      if (!metric.subset.empty()) continue;
      std::vector<std::string> row{shown ? "" : run.info.task, label(metric), metric.average};
      append(row, score_cells(metric));
      table.add(std::move(row));
      shown = true;
    }
    if (!shown) table.add({run.info.task, state_note(run)});
  }
  return table.text();
}

std::string run_details(const store::Run& run) {
  Table table({"subset", "metric", "average", "score", "stderr", "95 % interval", "n"}, {0, 1, 2});
  for (const scorers::Metric& metric : run.metrics) {
    std::vector<std::string> row{metric.subset.empty() ? "all" : metric.subset, label(metric), metric.average};
    append(row, score_cells(metric));
    table.add(std::move(row));
  }
  std::string text =
      fmt::format("run {}: {}/{}, protocol {}, {}, {} of {} samples answered\n", run.info.number, run.info.batch,
                  run.info.task, run.info.protocol, to_string(run.info.state), run.info.answered, run.info.n);
  return text + (run.metrics.empty() ? state_note(run) + "\n" : table.text());
}

}  // namespace assay::reports
