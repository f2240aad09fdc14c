// A stored run asked again: its task rendered with the options that its batch recorded, and held against the hashes of
// its prompts. A request is more than the text that the store may have.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/prepare.h"
#include "harness/run_options.h"
#include "store/store.h"

namespace assay::harness {

// Where data and task files are now, if they are not where they were.
struct Elsewhere {
  std::optional<std::string> data_dir;  // in place of the recorded folders; colon-separated
  std::vector<std::string> tasks_dirs;  // searched beside the recorded ones, and win
};

struct RecordedRun {
  RunOptions options;  // as recorded, with this run's task alone
  PreparedRun prepared;
};

// Errors: those of rendering (kUnavailable without the data, kUsage for a task that is not known any more), and
// kBadInput for recorded options that cannot be read.
RecordedRun render_again(const store::Store& store, const store::RunInfo& run, const Elsewhere& elsewhere = {});

// The recorded name of a run's task: "text:FILE" is stored under the file's name alone.
std::string recorded_task(const RunOptions& options, const std::string& task);

// What was asked at the place of a stored sample. Error(kBadInput) naming run and sample where the prompt rendered now
// has another hash than the recorded one.
const Ask& ask_of(const RecordedRun& recorded, const store::RunInfo& run, const store::StoredSample& sample);

// The kernel set decides bits, so a batch that goes on does so with the one that it began with, or not at all.
void use_recorded_kernels(const store::Store& store, const store::Batch& batch, RunOptions& options);

}  // namespace assay::harness
