// From the metadata of a GGUF to the one description that the forward pass reads: the keys that llama.cpp's converter
// writes (gguf-py/gguf/constants.py, Keys). As config.h for config.json.
#pragma once

#include <vector>

#include "engine/checkpoint/families.h"
#include "engine/checkpoint/gguf.h"
#include "engine/model/architecture.h"

namespace assay::engine {

// The row that a file belongs to: files of Mistral and Mixtral call themselves llama.
const Family& family_of(const GgufFile& file);

// All but frequency_divisors. The head is tied where there is no tensor output.weight. Error(kBadInput) names the key.
Architecture read_gguf_architecture(const GgufFile& file);

// rope_freqs.weight: divisors of the head_dim / 2 frequencies; empty where there is none.
std::vector<float> read_frequency_divisors(const GgufFile& file, const Architecture& architecture);

}  // namespace assay::engine
