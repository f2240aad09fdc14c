#include "harness/recorded.h"

#include "base/error.h"
#include "base/hash.h"
#include "datasets/folders.h"

namespace assay::harness {

std::string recorded_task(const RunOptions& options, const std::string& task) {
  if (!task.starts_with("text:")) return task;
  for (const std::string& name : options.tasks) {
    if (name.starts_with("text:") && std::filesystem::path(name.substr(5)).filename() == task.substr(5)) return name;
  }
  return task;
}

RecordedRun render_again(const store::Store& store, const store::RunInfo& run, const Elsewhere& elsewhere) {
  RunOptions options;
  apply_recorded(store.find_batch(run.batch).options, run.batch, options);
  options.tasks = {recorded_task(options, run.task)};
  // Of two files with one task the later folder's counts.
  options.tasks_dirs.insert(options.tasks_dirs.end(), elsewhere.tasks_dirs.begin(), elsewhere.tasks_dirs.end());
  if (elsewhere.data_dir) {
    options.data_dirs.clear();
    for (const auto& folder : datasets::data_folders(elsewhere.data_dir)) options.data_dirs.push_back(folder.string());
  }
  PreparedRun prepared = std::move(prepare_runs(options).front());
  return {std::move(options), std::move(prepared)};
}

const Ask& ask_of(const RecordedRun& recorded, const store::RunInfo& run, const store::StoredSample& sample) {
  const std::vector<Ask>& asks = recorded.prepared.asks;
  const bool there = sample.position < asks.size();
  if (!there || sha256_hex(prompt_of(asks[sample.position].request)) != sample.plan.prompt_sha256) {
    fail_input(
        "run {} ({}/{}), sample {}: the prompt is not the one that was asked (its SHA-256 differs), because the data "
        "or the task file changed since; use those of then",
        run.number, run.batch, run.task, sample.plan.id);
  }
  return asks[sample.position];
}

void use_recorded_kernels(const store::Store& store, const store::Batch& batch, RunOptions& options) {
  for (const store::RunInfo& run : store.runs_of(batch.id)) {
    const store::Json kernels = store.load_run(run.number).manifest.at("computed").at("kernels");
    if (kernels.is_string() && kernels != "unknown") options.engine.kernels = kernels;
  }
}

}  // namespace assay::harness
