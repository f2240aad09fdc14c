// Stored responses scored again: by a newer scorer, or by a task file that was edited. The old scores stay beside the
// new ones, as a scoring of their own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/store.h"

namespace assay::harness {

struct RescoreOptions {
  std::vector<std::string> tasks_dirs;  // win over those that were recorded
  std::optional<std::string> data_dir;  // in place of the recorded folders
};

// One sample whose verdict changed: a score that both scorings have is another number.
struct ChangedVerdict {
  store::PlannedSample plan;
  scorers::Score before;
  scorers::Score after;
};

struct Rescored {
  store::RunInfo run;
  std::string version_before;
  std::string version;  // Scorer::version(), then " task <8 digits>" of the SHA-256 of a task file that was edited
  size_t samples = 0;
  std::vector<ChangedVerdict> changed;   // from version_before to version
  std::vector<std::string> only_before;  // names of scores
  std::vector<std::string> only_after;
  bool stored = false;                  // a scoring of this version was not there before
  std::vector<std::string> unfaithful;  // samples that score otherwise than what is stored under the same version
  std::vector<scorers::Metric> metrics_before;
  std::vector<scorers::Metric> metrics;
};

// Renders the run's task again as its batch was asked; an imported run is scored from its stored plan. Programs are
// executed. Errors: kUsage for a run that is not done, or of a task that is not known; kBadInput where prompts,
// continuations, stops or limits are no longer what was asked; kUnavailable without data, or without a jail where
// programs are needed. Where `unfaithful` is not empty nothing was stored.
Rescored rescore(store::Store& store, const store::RunInfo& run, const RescoreOptions& options);

}  // namespace assay::harness
