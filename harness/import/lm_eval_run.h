// From logs of lm-evaluation-harness to runs of Assay: mmlu_<subject> files become one run of mmlu, agieval_<exam>
// files one of agieval_en; documents get the ids of INTERFACE.md; other tasks keep their name.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/import/imported_run.h"
#include "harness/import/lm_eval_log.h"
#include "tasks/task.h"

namespace assay::harness {

// One sentence a thing that the person should know, for standard error.
struct LmEvalRuns {
  std::vector<ImportedRun> runs;  // by task
  std::vector<std::string> warnings;
};

// Where the registry has the task and no program has to be executed, the answers are scored by Assay's own scorer, so
// that old runs and new ones are scored alike; a warning counts and names the samples where the log's own scores
// differ. Else the log's scores are kept, under the scorer version "lm-evaluation-harness <version>"; a score of
// several answers to one document stands with the first. Prompts are compared with those rendered from the data in
// `data_dirs`. Error(kBadInput): logs of several models, a task that comes twice, subsets asked with different numbers
// of examples, a target that is none of the options.
LmEvalRuns lm_eval_runs(const std::vector<LmEvalLog>& logs, const tasks::Registry& registry,
                        const std::vector<std::filesystem::path>& data_dirs);

}  // namespace assay::harness
