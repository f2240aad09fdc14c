// + - * / // % ** and the signs, as Python defines them. Integers that leave 64 bits are an error.
#pragma once

#include <string_view>

#include "engine/chat/runtime.h"

namespace assay::engine::chat {

// Numbers; + also joins texts and lists, * repeats them, % fills in a text.
Value arithmetic(Runtime& runtime, std::string_view sign, const Value& a, const Value& b);
Value negative(const Value& value);
Value positive(const Value& value);

}  // namespace assay::engine::chat
