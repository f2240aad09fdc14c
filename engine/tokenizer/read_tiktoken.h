// Meta's tokenizer.model: one line a token, its bytes in base64 and its rank (tiktoken's format).
#pragma once

#include <string>
#include <string_view>

#include "engine/tokenizer/definition.h"

namespace assay::engine {

// `content` of the file named `source`. Llama 3's expression and its 256 special tokens, behind the ranks, are added
// (llama3/llama/tokenizer.py): the file does not hold them. Error(kBadInput) names the line.
TokenizerDefinition read_tiktoken(std::string_view content, const std::string& source);

}  // namespace assay::engine
