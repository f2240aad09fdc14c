// Whether an imported run asked what Assay asks: its prompts beside those that Assay renders from the data at hand.
#pragma once

#include <filesystem>
#include <vector>

#include "harness/import/imported_run.h"
#include "tasks/task.h"

namespace assay::harness {

// Fills run.prompts, and from the data the cluster of every sample, which a log does not hold. Where the task is not
// known, or no folder has its data, it says so in run.prompts.not_checked, and the subset is the cluster where the
// task clusters by it. Error(kBadInput) for damaged data.
void check_prompts(ImportedRun& run, const tasks::Registry& registry,
                   const std::vector<std::filesystem::path>& data_dirs);

// "all 60 prompts equal Assay's own", "3 of 60 prompts differ from Assay's own (anatomy/test/3, ...)", "prompts not
// checked: no data at hand".
std::string describe(const PromptCheck& check);

}  // namespace assay::harness
