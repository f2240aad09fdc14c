// `--model https://host/v1#model`: the part of a run that is about a server in place of an engine.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "engine/remote/endpoint.h"
#include "harness/prepare.h"
#include "harness/run_options.h"

namespace assay::harness {

// Options of endpoints that do not fit each other or the model: Error(kUsage).
void check_endpoint_options(const RunOptions& options);

// Connects, and asks one small request of each kind that is in `runs`. Error(kUnavailable) where the server cannot be
// asked, or where a task needs log-probabilities of prompts and the server gives none, naming what to run instead.
std::unique_ptr<engine::Endpoint> open_endpoint(const RunOptions& options, const std::vector<PreparedRun>& runs,
                                                const std::atomic<bool>* stop);

// "computed" of the manifest: the server's address, the model as it was asked for and as it answered, the way that the
// run's requests go; what nobody can know is "unknown".
store::Json computed_by_endpoint(const RunOptions& options, const engine::EndpointFacts& facts, const PreparedRun& run);

// "at most 12,000 requests, …": what all of it can cost, counted as a budget counts it.
std::string endpoint_plan(const std::vector<PreparedRun>& runs);

// The line of progress, and what was spent as JSON.
std::string endpoint_progress(const engine::Endpoint& endpoint, const std::string& score);
store::Json spent_json(const engine::Ledger& ledger);

// "of 200 items asked 3 times, 17 were not answered alike each time"; empty where each is asked once.
std::string repeats_note(const PreparedRun& run, const std::vector<store::StoredSample>& samples, int repeats);

}  // namespace assay::harness
