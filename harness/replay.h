// `assay replay`: stored samples computed again, with the model, device and kernel set that were recorded.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "harness/recorded.h"
#include "harness/rerun.h"
#include "harness/rerun_engine.h"

namespace assay::harness {

struct ReplayOptions {
  size_t items = 50;             // samples, over all runs together
  std::optional<uint64_t> seed;  // chooses them; none: random
  std::optional<double> tolerance;
  bool ignore_hash = false;  // go on with other weights or another tokenizer
  std::string model;         // where the model is now; empty: where it was
  Elsewhere elsewhere;
  RerunMachine machine;
  int threads = 0;
};

struct Replay {
  std::vector<store::RunInfo> runs;
  uint64_t seed = 0;
  std::optional<double> tolerance;
  std::vector<FactDifference> model;    // other weights or tokenizer
  std::vector<FactDifference> machine;  // other device, kernel set or dtype: with a tolerance only
  std::vector<FactDifference> build;
  std::string kernels;  // in use
  // None where the model is another and that was not ignored.
  std::optional<RerunResult> result;

  ExitCode exit_code() const;
};

// `runs`: all of one batch, so that they have one model. Answered samples only. Errors: kUnavailable where model, data,
// device or kernel set are not there, or no engine computed the answers; kBadInput where data or task changed.
Replay replay(const store::Store& store, const std::vector<store::RunInfo>& runs, const ReplayOptions& options,
              const std::atomic<bool>& stop);

// What a person reads, and the same as JSON.
std::string replay_text(const Replay& replay);
store::Json replay_json(const Replay& replay);

}  // namespace assay::harness
