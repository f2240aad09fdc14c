// Hugging Face tokenizer.json.
#pragma once

#include <string>
#include <string_view>

#include "engine/tokenizer/definition.h"

namespace assay::engine {

// `content` of the file named `source`. Error(kBadInput) names the field; a type that is not supported is refused by
// name, because passing over it would give silently wrong ids.
TokenizerDefinition read_tokenizer_json(std::string_view content, const std::string& source);

}  // namespace assay::engine
