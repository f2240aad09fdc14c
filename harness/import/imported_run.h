// A run that was made elsewhere, ready to be stored: what was asked and answered, with scores. Plain values; every
// reader of a foreign file ends here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scorers/metrics.h"
#include "store/store.h"

namespace assay::harness {

// What a manifest says where nobody can know.
inline constexpr const char* kUnknown = "unknown";

struct ImportedSample {
  store::PlannedSample plan;
  std::string prompt = {};  // empty: the file does not have it
  engine::Response response;
  std::optional<scorers::Score> score;
};

// Imported prompts beside those that Assay renders for the same samples.
struct PromptCheck {
  std::string not_checked;  // why; empty: they were compared
  size_t compared = 0;
  std::vector<std::string> different;  // ids
};

struct ImportedRun {
  std::string task;
  std::string protocol;
  std::optional<int> shots;             // none: unknown
  std::vector<ImportedSample> samples;  // see sort_samples
  std::vector<scorers::Scorer::ScoreName> names;
  std::string scorer_version;
  scorers::Averaging averaging;
  store::Json manifest;
  PromptCheck prompts;
};

// By subset, index, sample: the order of a run of our own.
void sort_samples(std::vector<ImportedSample>& samples);

// A manifest with every section and field that harness/manifest.h makes: task, protocol, shots, number of samples,
// their hash, scorer and headline as `run` has them, the rest kUnknown. The samples must be sorted.
store::Json bare_manifest(const ImportedRun& run);

std::vector<scorers::Metric> metrics_of(const ImportedRun& run);

// Stores the runs as a batch that is done; returns their numbers, in the order of `runs`. A batch has one run a task,
// so further runs of a task go into batches NAME-2, NAME-3, ... `files` are recorded as the options. What fails on the
// way leaves nothing behind.
std::vector<int64_t> store_imported(store::Store& store, const std::string& name, const std::vector<ImportedRun>& runs,
                                    const std::vector<std::string>& files);

}  // namespace assay::harness
