// `assay runs`, `show`, `delete`, `merge`: what the database holds.
#include "base/log.h"
#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "harness/published.h"
#include "harness/terminal.h"
#include "reports/executions.h"
#include "reports/manifest_text.h"
#include "reports/preference_beside.h"
#include "reports/references.h"
#include "reports/run_table.h"
#include "store/export.h"

namespace assay::harness {
namespace {

using store::Store;

ExitCode list_runs(const std::string& database, bool json) {
  const Store store(database, Store::Mode::kRead);
  store::Json list = store::Json::array();
  std::vector<store::Run> runs;
  for (const store::RunInfo& info : store.runs()) {
    store::Run run = store.load_run(info.number);
    list.push_back({{"run", info.number},
                    {"name", info.batch},
                    {"task", info.task},
                    {"protocol", info.protocol},
                    {"state", to_string(info.state)},
                    {"n", info.n},
                    {"answered", info.answered},
                    {"started", info.started},
                    {"metrics", store::metrics_to_json(run.metrics)}});
    runs.push_back(std::move(run));
  }
  fmt::print("{}", json ? list.dump(1) + "\n" : reports::runs_list(runs, output_style()));
  return ExitCode::kDone;
}

ExitCode show_run(const std::string& database, const std::string& name, bool json) {
  const Store store(database, Store::Mode::kRead);
  store::Ratings ratings(database, Store::Mode::kRead);
  if (json) {
    const int64_t number = store.resolve_one(name).number;
    const store::Run run = store.load_run(number);
    store::Json shown = store::show_json(run);
    shown["references"] = reports::references_json(published_beside(store, run));
    const reports::Executions executions = reports::count_executions(store.load_samples(number));
    if (executions.total > 0) shown["executions"] = reports::executions_json(executions);
    const std::vector<reports::PreferenceBeside> people = reports::preferences_beside(store, ratings, number);
    if (!people.empty()) shown["people"] = reports::preferences_beside_json(people);
    fmt::print("{}\n", shown.dump(1));
    return ExitCode::kDone;
  }
  const reports::TextStyle style = output_style();
  std::string text;
  for (const store::RunInfo& info : store.resolve(name)) {
    const store::Run run = store.load_run(info.number);
    if (!text.empty()) text += "\n";
    text += reports::run_details(run, style);
    text += reports::references_text(published_beside(store, run), style);
    text += reports::preferences_beside_text(reports::preferences_beside(store, ratings, info.number));
    text += reports::executions_text(reports::count_executions(store.load_samples(info.number)));
    text += reports::manifest_text(run, style);
  }
  fmt::print("{}", text);
  return ExitCode::kDone;
}

}  // namespace

void add_runs(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("runs", "List the runs of the database");
  command->footer("Example:\n  assay runs --db assay.db");
  const auto database = add_database(*command);
  const auto json = add_json(*command);
  command->callback([=, &action] { action = [=] { return list_runs(*database, *json); }; });
}

void add_show(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("show", "Show a run with its metrics and manifest");
  command->footer("Examples:\n  assay show latest\n  assay show night-12/mmlu --json");
  auto name = std::make_shared<std::string>();
  command->add_option("RUN", *name, "A run's number, NAME/TASK, NAME or latest")->required();
  const auto database = add_database(*command);
  const auto json = add_json(*command);
  command->callback([=, &action] { action = [=] { return show_run(*database, *name, *json); }; });
}

void add_delete(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("delete", "Delete a run, or a batch with all its runs");
  command->footer("Example:\n  assay delete night-12/mmlu");
  auto name = std::make_shared<std::string>();
  command->add_option("RUN", *name, "A run's number, NAME/TASK, NAME or latest")->required();
  const auto database = add_database(*command);
  command->callback([=, &action] {
    action = [=] {
      Store store(*database, Store::Mode::kWrite);
      for (const store::RunInfo& run : store.resolve(*name)) {
        store.delete_run(run.number);
        log_note(fmt::format("deleted run {} ({}/{})", run.number, run.batch, run.task));
      }
      return ExitCode::kDone;
    };
  });
}

void add_merge(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("merge", "Copy the runs of other databases into the first");
  command->footer("Example:\n  assay merge all.db node1.db node2.db");
  auto files = std::make_shared<std::vector<std::string>>();
  command->add_option("FILE", *files, "The database that receives, then those that are read")
      ->required()
      ->expected(2, 1000);
  command->callback([=, &action] {
    action = [=] {
      Store into(files->front(), Store::Mode::kCreate);
      for (size_t i = 1; i < files->size(); ++i) {
        const store::MergeResult result = into.merge((*files)[i]);
        log_note(fmt::format("{}: {} batches, {} runs, {} responses copied", (*files)[i], result.batches, result.runs,
                             result.responses));
        for (const std::string& name : result.already_there) log_note(fmt::format("{} was there already", name));
        for (const auto& [from, to] : result.renamed) log_note(fmt::format("{} is called {} here", from, to));
      }
      return ExitCode::kDone;
    };
  });
}

}  // namespace assay::harness
