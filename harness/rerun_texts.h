// Whether a generated text that is not the recorded one may be told apart from it by rounding alone.
//
// On another kernel set a greedy text may part from the recorded one where two tokens are all but equally likely, and
// from there on it is another text. So the recorded text is put to the model instead: each of its tokens must be one
// that the model could have chosen. If no log-probability is off by more than the tolerance, then the token that was
// likeliest there lies at most twice the tolerance below the one that is likeliest here; and behind the recorded text
// the model must come to the end that was recorded.
#pragma once

#include <atomic>
#include <vector>

#include "engine/engine.h"
#include "harness/rerun.h"

namespace assay::harness {

// Replaces the verdict of every text of `result` that is kUnknown: kFailed where a token of the recorded text lies
// further below the likeliest one; kNearTie where none does and the end is confirmed; it stays kUnknown where that
// cannot be told: a sampled text, a prompt whose left end was cut, an end that the model does not come to, a text that
// does not fit into the context with its prompt.
void judge_texts(engine::Engine& engine, const std::vector<Rerun>& samples, double tolerance,
                 const std::atomic<bool>& stop, RerunResult& result);

}  // namespace assay::harness
