// The manifest of a run: everything that decides a number. Fields under "asked" and "scored" decide whether two runs
// may be compared; those under "computed" and "executed" are facts of model and machine, printed and never in the way.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "harness/prepare.h"
#include "harness/run_options.h"

namespace assay::harness {

// `executed`: executed_by of harness/execution.h; told by the runs that execute programs.
store::Json make_manifest(const PreparedRun& run, const RunOptions& options, const store::Json& computed,
                          const store::Json& executed);

// "computed" of an engine, and of a file of answers (where what nobody knows is "unknown").
store::Json computed_by(const engine::ModelFacts& facts);
// Fields of "computed" that are "unknown" where no engine of Assay computed.
inline constexpr const char* kNotKnownElsewhere[] = {"architecture", "weights_sha256", "tokenizer_sha256", "bos",
                                                     "context",      "dtype",          "device",           "kernels",
                                                     "threads",      "step_tokens"};
store::Json computed_elsewhere(const std::string& file, const std::string& sha256);

// The first field under `section` of two manifests that differs, as "asked.data_sha256"; empty where none does.
std::string first_difference(const store::Json& a, const store::Json& b, const std::string& section);

// "asked.samples_sha256": SHA-256 over the ids of a run's items in their order, each item once.
std::string samples_sha256(const std::vector<std::string>& ids);

// SHA-256 over all requests of a run: prompts, continuations, stops, limits.
std::string requests_sha256(const PreparedRun& run);

}  // namespace assay::harness
