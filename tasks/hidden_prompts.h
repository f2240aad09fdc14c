// A hidden set as a task: each prompt is asked as the only message of a dialogue, and people judge the answers.
#pragma once

#include <string>
#include <vector>

#include "datasets/sealed/sealed_set.h"
#include "tasks/task.h"

namespace assay::tasks {

inline constexpr const char* kPreferenceTask = "preference";
inline constexpr int kPreferenceTokens = 1024;  // of an answer, unless more or fewer are asked for

// Of `options` limit, subsets (categories) and max_tokens count. data_sha256 is the set's Merkle root. Error(kUsage)
// for a category that the set lacks.
RenderedTask render_hidden_prompts(const datasets::OpenedSet& set, const RenderOptions& options);

}  // namespace assay::tasks
