#include "reports/run_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "reports/bars.h"
#include "reports/shorten.h"
#include "reports/table.h"
#include "reports/words.h"

namespace assay::reports {
namespace {

// Names that are longer make room for bars, and these for the names.
constexpr size_t kComfortableLabel = 28;
constexpr size_t kLeastBar = 10;
constexpr size_t kMostBar = 21;

// Perplexity and bits per byte are not shares.
bool is_share(const scorers::Metric& metric) {
  return metric.name != "perplexity" && metric.name != "bits_per_byte";
}

// Named by `name`, and by its average where the run has another one of the same.
std::string label(const store::Run& run, const scorers::Metric& metric, const std::string& name) {
  const bool averages = std::any_of(run.metrics.begin(), run.metrics.end(), [&](const scorers::Metric& other) {
    return other.name == metric.name && other.filter == metric.filter &&
           other.subset.empty() == metric.subset.empty() && other.average != metric.average;
  });
  return averages ? fmt::format("{}, {}", name, metric.average) : name;
}

std::string whole_name(const scorers::Metric& metric) {
  return metric.filter.empty() ? metric.name : fmt::format("{}, {}", metric.name, metric.filter);
}

std::string filter_or_name(const scorers::Metric& metric) {
  return metric.filter.empty() ? metric.name : metric.filter;
}

Table score_table(const std::string& names) {
  Table table({names, "score", "stderr", "95 % interval", "n"});
  table.may_shorten(0, kComfortableLabel);
  table.add_pictures(kLeastBar, kMostBar, score_bar_head);
  return table;
}

std::string interval_of(const scorers::Metric& metric) {
  if (std::isnan(metric.low)) return "-";
  return fmt::format("{} .. {}", format_score(metric, metric.low), format_score(metric, metric.high));
}

void add_metric(Table& table, const std::string& name, const scorers::Metric& metric, const TextStyle& style) {
  Table::Picture bar;
  if (is_share(metric)) {
    bar = [=](size_t columns) { return score_bar(metric.value, {metric.low, metric.high}, columns, style); };
  }
  table.add({name, format_score(metric, metric.value), format_score(metric, metric.stderr_), interval_of(metric),
             std::to_string(metric.n)},
            std::move(bar));
}

std::string state_note(const store::Run& run) {
  if (run.info.state == store::State::kDone) {
    // Programs have no score until they are executed.
    const bool programs = run.scorer_version.starts_with("code/");
    return fmt::format("{} answers, {}", run.info.answered, programs ? "not executed" : "no score");
  }
  return fmt::format("{}: {} of {} answered", to_string(run.info.state), run.info.answered, run.info.n);
}

// Those of groups and subsets, each kind of metric under its name.
void add_subsets(Table& table, const store::Run& run, const TextStyle& style) {
  std::vector<std::string> kinds;
  for (const scorers::Metric& metric : run.metrics) {
    const std::string kind = label(run, metric, whole_name(metric));
    const bool known = std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
    if (!metric.subset.empty() && !known) kinds.push_back(kind);
  }
  for (const std::string& kind : kinds) {
    table.add_line(shortened(kind, kTerminalColumns - 12, Cut::kMiddle, style) + " by subset");
    for (const scorers::Metric& metric : run.metrics) {
      const bool of_kind = !metric.subset.empty() && label(run, metric, whole_name(metric)) == kind;
      if (of_kind) add_metric(table, fmt::format("  {}", metric.subset), metric, style);
    }
  }
}

}  // namespace

std::string format_score(const scorers::Metric& metric, double value) {
  if (std::isnan(value)) return "-";
  return is_share(metric) && std::fabs(value) < 1e4 ? fmt::format("{:.2f}", 100 * value) : format_number(value);
}

std::string runs_list(const std::vector<store::Run>& runs, const TextStyle& style) {
  Table table({"run", "name", "protocol", "samples", "score", "started, UTC"}, {1, 2, 3, 5});
  table.may_shorten(1, 24);
  table.may_shorten(2, 8);
  table.may_shorten(5, 16);
  table.may_shorten(3, 20);
  for (const store::Run& run : runs) {
    const store::RunInfo& info = run.info;
    const std::string score = run.metrics.empty() ? "" : format_score(run.metrics[0], run.metrics[0].value);
    // "2026-11-25T14:03:07Z" to the minute.
    std::string started = info.started.substr(0, 16);
    std::replace(started.begin(), started.end(), 'T', ' ');
    const std::string answered =
        info.answered == info.n ? fmt::format("{}", info.n) : fmt::format("{}/{}", info.answered, info.n);
    table.add({std::to_string(info.number), fmt::format("{}/{}", info.batch, info.task), info.protocol,
               fmt::format("{} {}", answered, to_string(info.state)), score, started});
  }
  return table.text(style);
}

std::string runs_table(const std::vector<store::Run>& runs, const TextStyle& style) {
  Table table = score_table("task and score");
  for (const store::Run& run : runs) {
    bool shown = false;
    for (const scorers::Metric& metric : run.metrics) {
      if (!metric.subset.empty()) continue;
      const std::string name = label(run, metric, filter_or_name(metric));
      add_metric(table, fmt::format("{} {}", shown ? " " : run.info.task, name), metric, style);
      shown = true;
    }
    const std::string note = state_note(run);
    const std::string task = shortened(run.info.task, kTerminalColumns - note.size() - 2, Cut::kMiddle, style);
    if (!shown) table.add_line(fmt::format("{}  {}", task, note));
  }
  return table.text(style);
}

std::string run_details(const store::Run& run, const TextStyle& style) {
  const store::RunInfo& info = run.info;
  const std::string name = shortened(fmt::format("{}/{}", info.batch, info.task), 60, Cut::kMiddle, style);
  std::string text = wrapped(fmt::format("run {}: {}, protocol {}, {}, {} of {} samples answered", info.number, name,
                                         info.protocol, to_string(info.state), info.answered, info.n));
  if (run.metrics.empty()) return text + state_note(run) + "\n";
  Table table = score_table("whole task");
  for (const scorers::Metric& metric : run.metrics) {
    if (metric.subset.empty()) add_metric(table, label(run, metric, whole_name(metric)), metric, style);
  }
  add_subsets(table, run, style);
  return text + table.text(style);
}

}  // namespace assay::reports
