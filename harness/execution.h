// The sandbox as `assay run` uses it: started early, and told in the manifest.
#pragma once

#include <memory>
#include <vector>

#include "harness/prepare.h"
#include "harness/run_options.h"
#include "sandbox/jail.h"
#include "store/store.h"

namespace assay::harness {

// A jail with its interpreter started, null where no run of these executes programs. Call it before weights are loaded.
// Errors: kUnavailable where the sandbox that the options ask for is not to be had, offering what else there is;
// kBadInput where a sample lacks a part of its program.
std::unique_ptr<sandbox::Jail> open_jail(const RunOptions& options, const std::vector<PreparedRun>& runs);

// "executed" of a manifest: what a program runs in. Null without a jail.
store::Json executed_by(const sandbox::Jail* jail, const RunOptions& options);

// The limits of a graded program, which can decide a verdict: "scored.limits" of a manifest.
store::Json limits_json(const sandbox::Limits& limits);

}  // namespace assay::harness
