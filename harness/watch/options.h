// What `assay watch` was asked.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "harness/run_options.h"

namespace assay::harness {

struct WatchOptions {
  std::filesystem::path folder;
  std::string name;  // of the watch: the tag `watch` of its batches; empty: the folder's
  std::string baseline;
  std::optional<double> margin_points;  // the gate's; none: verdicts are those of a comparison
  std::vector<std::string> allow;       // fields in which a checkpoint may differ from the baseline
  std::vector<std::string> reports;     // files, kept current
  std::string command;                  // on a regression; empty: none
  double command_seconds = 600;
  double settle_seconds = 10;
  double poll_seconds = 2;
  bool once = false;
  bool json = false;
  bool quiet = false;
  RunOptions run;  // how each checkpoint is scored; model, name and what else belongs to one run is filled in
};

// Says what is wrong with a watch before anything is scored: options, tasks, data, sandbox, database, and a baseline
// that is not there, is not done, lacks a task, or was not asked the same. `folder` and `name` are filled in. Memory of
// the tasks is taken: call it in a process of its own. Error(kUsage) and those of what is looked at.
void check_watch(const WatchOptions& options, const std::filesystem::path& database);

}  // namespace assay::harness
