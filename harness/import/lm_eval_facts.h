// What the results file of lm-evaluation-harness says of a run, in the words of our manifest.
#pragma once

#include <optional>
#include <string>

#include "harness/import/imported_run.h"
#include "harness/import/lm_eval_log.h"

namespace assay::harness {

// The model as it was named to the harness (its `pretrained` argument, else what it calls it); kUnknown without a
// results file.
std::string model_of(const LmEvalLog& log);

// Name, revision, commit and dtype: logs that differ in it are of different models.
std::string model_identity(const LmEvalLog& log);

// "lm-evaluation-harness 0.4.13"; without its number where that is unknown.
std::string harness_version(const LmEvalLog& log);

// Examples in front of each question; none where it is unknown.
std::optional<int> shots_of(const LmEvalLog& log);

// bare_manifest of `run`, filled in with what its first log tells.
store::Json lm_eval_manifest(const ImportedRun& run, const LmEvalLog& log, const store::Json& decoding);

// The "decoding" of our manifest from the arguments of a generation; `samples`: answers a document. Null for a
// likelihood. A temperature without do_sample counts as none, as in the harness; without a limit it generates 256.
store::Json decoding_from(const store::Json& generation, size_t samples);

}  // namespace assay::harness
