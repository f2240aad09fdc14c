// What this process computed for a batch, as the database records it (store::ComputeSession).
#pragma once

#include <string>

#include "engine/engine.h"
#include "engine/remote/budget.h"
#include "store/store.h"

namespace assay::harness {

// "cpu avx512bf16 bf16, 8 threads", "cuda sm_90 bf16".
std::string computed_by_words(const engine::ModelFacts& facts);

// `done`: what the engine said after its last step. After twenty seconds on a CPU the machine's limit is looked at,
// which takes a tenth of a second; after fewer, and on a GPU, nothing is said of it.
store::SessionWork work_of(const engine::ModelFacts& facts, const engine::Progress& done, double seconds);
store::SessionWork work_of(const engine::Ledger& ledger, double seconds);

}  // namespace assay::harness
