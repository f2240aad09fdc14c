// Changes to text before it is cut into pieces.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/definition.h"

namespace assay::engine {

// Text and result are valid UTF-8. Unicode normalisation forms as of Unicode 15 (utf8proc).
std::string normalize(const std::vector<NormalizerStep>& steps, std::string_view text);

}  // namespace assay::engine
