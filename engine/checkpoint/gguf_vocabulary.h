// The vocabulary inside a GGUF.
#pragma once

#include <optional>

#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/gguf.h"

namespace assay::engine {

// Error(kBadInput) names the field: no tokenizer.ggml.model or tokens, lists of unequal length, ids out of range.
GgufVocabulary read_vocabulary(const GgufFile& file);

// Whether the file embeds a vocabulary at all (tokenizer.ggml.tokens).
bool has_vocabulary(const GgufFile& file);

// Ids that end a text: eos, eot and eom as far as the file names them, ascending.
std::vector<TokenId> gguf_end_tokens(const GgufFile& file);

}  // namespace assay::engine
