// The model of a stored run, opened to compute some of it again, and what of it is not as it was.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "store/store.h"

namespace assay::harness {

struct RerunMachine {
  // Whether another kernel set, device or dtype than the recorded one may stand in; the three below say which, "auto"
  // (for dtype: empty) being the recorded one where this machine has it, else the best.
  bool may_differ = false;
  std::string device = "auto";
  std::string kernels = "auto";
  std::string dtype;
};

// Opens `model` with the device, kernel set, dtype and BOS of a manifest; `options` gives the tokenizer, threads, step
// size and memory. Error(kUnavailable): refuse_answers_from_elsewhere, a model that is not there, or a device or kernel
// set that this machine lacks, naming --tolerance as the way out where `may_differ` is false.
engine::Engine open_for_rerun(const std::string& model, engine::EngineOptions options, const store::Json& manifest,
                              const RerunMachine& machine);

// Error(kUnavailable) where no engine of Assay computed the answers: an endpoint, a file of answers, an import.
void refuse_answers_from_elsewhere(const store::Json& manifest);

// A field of a manifest that is another here.
struct FactDifference {
  std::string field;  // "computed.weights_sha256"
  std::string recorded;
  std::string here;
};

// Hashes of weights and tokenizer: whether this is the model at all.
std::vector<FactDifference> other_model(const store::Json& manifest, const engine::ModelFacts& facts);
// Device, kernel set and dtype: where one differs, equal bits are not to be expected.
std::vector<FactDifference> other_machine(const store::Json& manifest, const engine::ModelFacts& facts);
// Version and compiler of the program.
std::vector<FactDifference> other_build(const store::Json& manifest);

// Largest difference of a log-probability that another kernel set, build or machine may make in this dtype, and where
// the number comes from: docs/certificates.md, "How close is close".
double rounding_tolerance(const std::string& dtype);

}  // namespace assay::harness
