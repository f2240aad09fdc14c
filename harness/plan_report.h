// `assay run --dry-run`: what a run would ask and cost.
#pragma once

#include <vector>

#include "engine/engine.h"
#include "harness/prepare.h"

namespace assay::harness {

// Prints requests, tokens with and without sharing, memory and an estimate of the time, measured by a short trial on
// this machine. `engine` null: the answers exist already, and only requests are counted.
void print_plan(const std::vector<PreparedRun>& runs, engine::Engine* engine, const RunOptions& options);

}  // namespace assay::harness
