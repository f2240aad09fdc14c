// The vocabulary inside a GGUF.
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/tokenizer/definition.h"

namespace assay::engine {

// A GGUF names its pre-tokenizer (tokenizer.ggml.pre) instead of describing it; the names are llama.cpp's
// (llama-vocab.cpp). An unknown name is refused: Error(kBadInput) names the field.
TokenizerDefinition read_gguf_vocabulary(const GgufVocabulary& vocabulary);

}  // namespace assay::engine
