// What Assay itself knows of the task of an imported run: how its answers are scored and averaged.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scorers/metrics.h"
#include "scorers/scorer.h"
#include "tasks/task.h"

namespace assay::harness {

struct KnownTask {
  const tasks::Task* task = nullptr;  // of the registry, which must outlive this; null for "text:..."
  scorers::Scorer scorer;
  scorers::Averaging averaging;
};

// Nothing where the registry lacks the task, or the task the protocol.
std::optional<KnownTask> find_known_task(const tasks::Registry& registry, const std::string& task,
                                         const std::string& protocol);

// Scorer::version(), and " task <8 digits>" of the SHA-256 of a task file that is not the built-in one: an edited file
// is a scoring of its own. `usual_sha256` is of the file that needs no mention.
std::string scoring_name(const std::string& scorer_version, const std::string& task_sha256,
                         const std::string& usual_sha256);

// SHA-256 of the built-in file of a task; empty where it has none.
std::string built_in_sha256(const std::string& task);

// Its subsets; empty where it has none.
std::vector<std::string> subsets_of(const tasks::Task& task);

// The cluster of a sample as far as its subset tells: the subset itself where the task says that errors go together
// there (mmlu), else empty.
std::string cluster_by_subset(const tasks::Task& task, const std::string& subset);

}  // namespace assay::harness
