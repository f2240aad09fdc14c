// `assay compare` and `assay gate`: two runs, sample by sample.
#include "base/log.h"
#include "base/text.h"
#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "harness/published.h"
#include "harness/terminal.h"
#include "reports/comparison_text.h"
#include "reports/gate.h"
#include "reports/run_pairs.h"

namespace assay::harness {
namespace {

using store::Store;

struct CompareArguments {
  std::string a;
  std::string b;
  std::string cluster = "auto";
  std::string by;
  int flips = 0;
  reports::ComparisonOptions options;
};

struct GateArguments {
  std::string baseline;
  std::string candidate;
  std::string cluster = "auto";
  reports::GateReportOptions options;
};

reports::RunPairs pair(const Store& store, const std::string& a, const std::string& b) {
  reports::RunPairs pairs = reports::pair_tasks(store, a, b);
  const auto name = [](const std::string& side, const std::vector<std::string>& tasks) {
    if (!tasks.empty()) log_warning(fmt::format("not compared, because only {} has them: {}", side, join(tasks, ", ")));
  };
  name(a, pairs.only_a);
  name(b, pairs.only_b);
  return pairs;
}

ExitCode compare_command(const std::string& database, CompareArguments arguments, bool json) {
  reports::check_allow(arguments.options.allow);
  arguments.options.columns.clusters = arguments.cluster == "auto";
  arguments.options.by_subset = arguments.by == "subset";
  const Store store(database, Store::Mode::kRead);
  std::vector<reports::TaskComparison> tasks;
  for (const auto& [a, b] : pair(store, arguments.a, arguments.b).pairs) {
    tasks.push_back(reports::compare_runs(store, a, b, arguments.options));
    tasks.back().published_a = published_beside(store, a);
    tasks.back().published_b = published_beside(store, b);
  }
  reports::correct_over_tasks(tasks);
  const auto flips = static_cast<size_t>(arguments.flips);
  if (json) {
    fmt::print("{}\n", reports::comparison_json(tasks, flips).dump(1));
  } else {
    fmt::print("{}", reports::comparison_text(tasks, flips, output_style()));
  }
  return ExitCode::kDone;
}

ExitCode gate_command(const std::string& database, GateArguments arguments, bool json) {
  reports::check_allow(arguments.options.allow);
  arguments.options.columns.clusters = arguments.cluster == "auto";
  const Store store(database, Store::Mode::kRead);
  const reports::RunPairs pairs = pair(store, arguments.baseline, arguments.candidate);
  const reports::GateReport report = reports::gate_runs(store, pairs.pairs, arguments.options);
  fmt::print("{}", json ? reports::gate_json(report).dump(1) + "\n" : reports::gate_text(report, output_style()));
  switch (report.verdict) {
    case reports::GateVerdict::kPassed:
      return ExitCode::kDone;
    case reports::GateVerdict::kRegressed:
      return ExitCode::kCheckFailed;
    case reports::GateVerdict::kInconclusive:
      break;
  }
  return ExitCode::kInconclusive;
}

constexpr char kRunHelp[] = "A run's number, NAME/TASK, NAME (all its runs) or latest";

void add_shared(CLI::App& command, std::vector<std::string>& allow, std::string& cluster, std::string& metric) {
  command.add_option("--allow", allow, "A field that may differ, such as shots; repeatable")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("FIELD");
  add_choice(command, "--cluster", cluster, {"auto", "none"},
             "auto: errors respect that samples share a subject or passage");
  command.add_option("--metric", metric, "The metric or filter that the verdict is about (default: the task's first)");
}

}  // namespace

void add_compare(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("compare", "Compare two runs sample by sample");
  command->footer(
      "Examples:\n"
      "  assay compare night-12 night-13\n"
      "  assay compare night-12/mmlu night-13/mmlu --by subset --flips 10\n"
      "  assay compare 3 9 --allow shots");
  auto arguments = std::make_shared<CompareArguments>();
  command->add_option("A", arguments->a, kRunHelp)->required();
  command->add_option("B", arguments->b, kRunHelp)->required();
  add_shared(*command, arguments->options.allow, arguments->cluster, arguments->options.columns.metric);
  command->add_option("--flips", arguments->flips, "List so many samples that changed, the largest change first")
      ->check(CLI::NonNegativeNumber);
  add_choice(*command, "--by", arguments->by, {"subset"}, "Break the comparison down")->default_str("");
  const auto database = add_database(*command);
  const auto json = add_json(*command);
  command->callback([=, &action] { action = [=] { return compare_command(*database, *arguments, *json); }; });
}

void add_gate(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("gate", "Pass or fail a candidate against a baseline, by a margin");
  command->footer(
      "Exits 0 (passed), 1 (regressed) or 2 (inconclusive: more samples are needed).\n\n"
      "Examples:\n"
      "  assay gate --baseline main --candidate pr-17 --margin 1\n"
      "  assay gate --baseline main --candidate pr-17 --margin 1 --sequential");
  auto arguments = std::make_shared<GateArguments>();
  reports::GateReportOptions& options = arguments->options;
  command->add_option("--baseline", arguments->baseline, kRunHelp)->required()->type_name("RUN");
  command->add_option("--candidate", arguments->candidate, kRunHelp)->required()->type_name("RUN");
  command->add_option("--margin", options.margin_points, "The loss in points that is still acceptable")
      ->required()
      ->type_name("POINTS");
  command->add_option("--alpha", options.alpha, "One-sided error level")->capture_default_str();
  command->add_option("--power", options.power, "Power at which the number of samples that would settle it is given")
      ->capture_default_str();
  command->add_flag("--sequential", options.sequential,
                    "A verdict that may be asked for at any time while the candidate runs");
  add_shared(*command, options.allow, arguments->cluster, options.columns.metric);
  const auto database = add_database(*command);
  const auto json = add_json(*command);
  command->callback([=, &action] { action = [=] { return gate_command(*database, *arguments, *json); }; });
}

}  // namespace assay::harness
