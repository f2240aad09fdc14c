// `loop` inside a {% for %}.
#pragma once

#include <string_view>

#include "engine/chat/runtime.h"

namespace assay::engine::chat {

// loop.index, loop.last and the rest; undefined for another name.
Value loop_attribute(Runtime& runtime, Loop& loop, std::string_view name);

}  // namespace assay::engine::chat
