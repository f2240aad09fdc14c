// Methods of texts, lists and dicts. Those that change their object do not exist: as in Hugging Face's library, a
// template can change nothing but its own variables.
#pragma once

#include <string_view>

#include "engine/chat/runtime.h"

namespace assay::engine::chat {

// Null where values of this type have no such method.
Callable::Native find_method(const Value& value, std::string_view name);

}  // namespace assay::engine::chat
