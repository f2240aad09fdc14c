// Our own export (INTERFACE.md, "A line of `export`") read back into runs.
#pragma once

#include <filesystem>
#include <vector>

#include "harness/import/imported_run.h"
#include "tasks/task.h"

namespace assay::harness {

// One run for each number, task and protocol in the file, in order of appearance. Scores are those of the file (scorer
// version "imported"); where the registry has the task, metrics are named and averaged as it says, else every score is
// a metric of its own. What a line does not hold is unknown: token ids, and with --stable the times of programs.
// Prompts are compared with those rendered from the data in `data_dirs`.
// Error(kBadInput) with file, line and field; a sample that occurs twice is named with both lines.
std::vector<ImportedRun> read_export(const std::filesystem::path& path, const tasks::Registry& registry,
                                     const std::vector<std::filesystem::path>& data_dirs);

}  // namespace assay::harness
