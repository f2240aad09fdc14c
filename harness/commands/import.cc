// `assay import`: runs that were made elsewhere, brought into the database.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "datasets/folders.h"
#include "harness/commands/commands.h"
#include "harness/commands/options.h"
#include "harness/import/export_file.h"
#include "harness/import/lm_eval_run.h"
#include "harness/import/prompt_check.h"
#include "reports/run_table.h"
#include "reports/table.h"
#include "store/export.h"

namespace assay::harness {
namespace {

namespace fs = std::filesystem;

struct ImportArguments {
  std::vector<std::string> files;
  std::string name;
  std::optional<std::string> data_dir;
  std::vector<std::string> tasks_dirs;
};

bool is_results(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with("results_") && name.ends_with(".json");
}

// Files as they are named, and of a folder every .jsonl below it. Results files are read beside their samples.
std::vector<fs::path> collect(const std::vector<std::string>& names) {
  std::vector<fs::path> files;
  for (const std::string& name : names) {
    std::error_code problem;
    if (!fs::is_directory(name, problem)) {
      if (!is_results(name)) files.emplace_back(name);
      continue;
    }
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(name, problem)) {
      const std::string file = entry.path().filename().string();
      if (file.ends_with(".jsonl") || file.ends_with(".jsonl.gz")) found.push_back(entry.path());
    }
    if (problem) fail(ExitCode::kIo, "{}: the folder cannot be read: {}", name, problem.message());
    if (found.empty()) fail_input("{}: the folder holds no .jsonl file", name);
    std::sort(found.begin(), found.end());
    files.insert(files.end(), found.begin(), found.end());
  }
  if (files.empty()) {
    fail_input("{}: holds results without samples; name the samples_*.jsonl files beside it", names.front());
  }
  return files;
}

enum class Form { kLmEval, kExport };

Form form_of(const fs::path& path) {
  const std::string content = read_text_file(path);
  for (const std::string_view text : split_lines(content)) {
    if (python_strip(text).empty()) continue;
    const auto line = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (line.is_object() && line.contains("doc_id")) return Form::kLmEval;
    if (line.is_object() && line.contains("request")) return Form::kExport;
    // Its reader says what is wrong with the line.
    if (path.filename().string().starts_with("samples_")) return Form::kLmEval;
    fail_input("{}: line 1 is neither of our own export nor a sample of lm-evaluation-harness (--log_samples)",
               path.string());
  }
  fail_input("{}: the file is empty", path.string());
}

std::vector<ImportedRun> read_all(const std::vector<fs::path>& files, const ImportArguments& arguments) {
  const tasks::Registry registry({arguments.tasks_dirs.begin(), arguments.tasks_dirs.end()});
  const std::vector<fs::path> folders = datasets::data_folders(arguments.data_dir);
  std::vector<ImportedRun> runs;
  std::vector<LmEvalLog> logs;
  for (const fs::path& file : files) {
    if (form_of(file) == Form::kLmEval) {
      logs.push_back(read_lm_eval_log(file));
    } else {
      for (ImportedRun& run : read_export(file, registry, folders)) runs.push_back(std::move(run));
    }
  }
  if (!logs.empty()) {
    LmEvalRuns read = lm_eval_runs(logs, registry, folders);
    for (const std::string& line : read.warnings) log_warning(line);
    for (ImportedRun& run : read.runs) runs.push_back(std::move(run));
  }
  return runs;
}

store::Json to_json(const PromptCheck& check) {
  if (!check.not_checked.empty()) return {{"checked", false}, {"reason", check.not_checked}};
  return {{"checked", true}, {"compared", check.compared}, {"different", check.different}};
}

std::string label(const scorers::Metric& metric) {
  return metric.filter.empty() ? metric.name : metric.name + ", " + metric.filter;
}

void print(const store::Store& store, const std::vector<int64_t>& numbers, const std::vector<ImportedRun>& imported,
           bool json) {
  reports::Table table({"run", "name", "samples", "metric", "score", "prompts"}, {0, 1, 3, 5});
  store::Json list = store::Json::array();
  for (size_t i = 0; i < numbers.size(); ++i) {
    const store::Run run = store.load_run(numbers[i]);
    const scorers::Metric* headline = run.metrics.empty() ? nullptr : &run.metrics.front();
    table.add({std::to_string(run.info.number), run.info.batch + "/" + run.info.task, std::to_string(run.info.n),
               headline != nullptr ? label(*headline) : "no score",
               headline != nullptr ? reports::format_score(*headline, headline->value) : "",
               describe(imported[i].prompts)});
    store::Json shown = store::show_json(run);
    shown["prompts"] = to_json(imported[i].prompts);
    list.push_back(std::move(shown));
  }
  fmt::print("{}", json ? store::Json{{"runs", list}}.dump(1) + "\n" : table.text());
}

ExitCode import_command(const std::string& database, const ImportArguments& arguments, bool json) {
  const std::vector<fs::path> files = collect(arguments.files);
  const std::vector<ImportedRun> runs = read_all(files, arguments);
  std::vector<std::string> recorded;
  recorded.reserve(files.size());
  for (const fs::path& file : files) recorded.push_back(fs::absolute(file).lexically_normal().string());
  store::Store store(database, store::Store::Mode::kCreate);
  print(store, store_imported(store, arguments.name, runs, recorded), runs, json);
  return ExitCode::kDone;
}

}  // namespace

void add_import(CLI::App& app, Action& action) {
  CLI::App* command = app.add_subcommand("import", "Bring in runs that were made elsewhere");
  command->footer(
      "A FILE is a samples_<task>_<time>.jsonl of lm-evaluation-harness (--log_samples), with its results_<time>.json\n"
      "beside it, or an `assay export`; of a folder every .jsonl below it is taken. Nothing is stored unless all of "
      "it\n"
      "is good.\n"
      "Examples:\n"
      "  assay import lm_eval_output/meta-llama__Meta-Llama-3-8B --name old\n"
      "  assay import answers.jsonl --json\n"
      "  assay compare old new");
  auto arguments = std::make_shared<ImportArguments>();
  command->add_option("FILE", arguments->files, "Files or folders")->required()->expected(1, 10000);
  command->add_option("--name", arguments->name, "Name of the batch (default: start and four letters)");
  command->add_option("--tasks-dir", arguments->tasks_dirs, "A folder of further task files (repeatable)")
      ->type_name("DIR");
  add_data_dir(*command, arguments->data_dir);
  const auto database = add_database(*command);
  const auto json = add_json(*command);
  command->callback([=, &action] { action = [=] { return import_command(*database, *arguments, *json); }; });
}

}  // namespace assay::harness
