// `assay export`: one line a sample.

#include "store/export.h"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>

#include "base/file.h"
#include "base/log.h"
#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "harness/recorded.h"

namespace assay::harness {
namespace {

struct ExportArguments {
  std::string run;
  std::string out;
  bool stable = false;
  bool prompts = false;
  bool csv = false;
};

// Those that the database does not have are rendered again with the options of their batch.
class Prompts {
 public:
  explicit Prompts(const store::Store& store) : store_(store) {}

  std::string operator()(const store::RunInfo& run, const store::StoredSample& sample) {
    if (const auto stored = store_.prompt(run.number, sample.position)) return stored->head + stored->tail;
    auto found = runs_.find(run.number);
    if (found == runs_.end()) found = runs_.emplace(run.number, render_again(store_, run)).first;
    return prompt_of(ask_of(found->second, run, sample).request);
  }

 private:
  const store::Store& store_;
  std::map<int64_t, RecordedRun> runs_;
};

ExitCode export_command(const std::string& database, const ExportArguments& arguments) {
  const store::Store store(database, store::Store::Mode::kRead);
  store::ExportOptions options;
  options.stable = arguments.stable;
  options.csv = arguments.csv;
  if (arguments.prompts)
    options.prompt = [prompts = std::make_shared<Prompts>(store)](const auto& run, const auto& sample) {
      return (*prompts)(run, sample);
    };
  const std::vector<store::RunInfo> runs = store.resolve(arguments.run);
  if (arguments.out == "-") {
    store::export_runs(store, runs, std::cout, options);
    return ExitCode::kDone;
  }
  // Written beside and renamed: an export is whole or not there. A device is written into.
  const std::optional<std::filesystem::path> target = name_to_replace(arguments.out);
  const std::string temporary = target ? target->string() + ".new" : arguments.out;
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  if (!out) fail(ExitCode::kIo, "{}: cannot be written", arguments.out);
  try {
    const size_t count = store::export_runs(store, runs, out, options);
    out.close();
    if (!out) fail(ExitCode::kIo, "{}: cannot be written whole; is the disk full?", arguments.out);
    if (target) std::filesystem::rename(temporary, *target);
    log_note(fmt::format("{} samples written to {}", count, arguments.out));
  } catch (...) {
    std::error_code ignored;
    if (target) std::filesystem::remove(temporary, ignored);
    throw;
  }
  return ExitCode::kDone;
}

}  // namespace

void add_export(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("export", "Write a run as one line a sample");
  command->footer("Examples:\n  assay export latest --out answers.jsonl\n  assay export 3 --csv --out answers.csv");
  auto arguments = std::make_shared<ExportArguments>();
  command->add_option("RUN", arguments->run, "A run's number, NAME/TASK, NAME or latest")->required();
  command->add_option("--out", arguments->out, "The file to write; - for standard output")->required();
  command->add_flag("--stable", arguments->stable, "Leave out what differs between two runs of the same thing");
  command->add_flag("--with-prompts", arguments->prompts, "Add the prompts");
  command->add_flag("--csv", arguments->csv, "Comma-separated values instead of JSON lines");
  const auto database = add_database(*command);
  command->callback([=, &action] { action = [=] { return export_command(*database, *arguments); }; });
}

}  // namespace assay::harness
