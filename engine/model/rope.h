// Rotary frequencies of an architecture.
#pragma once

#include <vector>

#include "engine/model/architecture.h"

namespace assay::engine {

// head_dim / 2 angles per position, in radians: theta^(-2i / head_dim) (Su et al. 2021, eq. 15), scaled as
// `rope.llama3` or `rope.frequency_divisors` says. The scaling holds at every position, however short the text.
//
// In f32, step by step as transformers computes them (modeling_rope_utils.py): models were trained with these, and at
// position 1,000 an exact angle differs from theirs by up to 3e-5.
std::vector<float> rope_frequencies(const Rope& rope, int head_dim);

}  // namespace assay::engine
