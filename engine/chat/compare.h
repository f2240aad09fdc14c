// Truth and comparison of values, as Python defines them.
#pragma once

#include <string_view>

#include "engine/chat/runtime.h"

namespace assay::engine::chat {

// "str", "int", "list" ...: Python's name of the type, for messages.
std::string_view type_name(const Value& value);

// An undefined value is needed for something: TemplateError with its message.
[[noreturn]] void fail_undefined(const Value& value);

bool truth(const Value& value);
bool equal(Runtime& runtime, const Value& a, const Value& b);
// a < b; TemplateError for types that have no order between them.
bool less(Runtime& runtime, const Value& a, const Value& b);
// item in container
bool contains(Runtime& runtime, const Value& container, const Value& item);
// The result of one of == != < <= > >=, in, not in.
bool compare(Runtime& runtime, std::string_view sign, const Value& a, const Value& b);

// Numbers, with true as 1: whether the value is one, and what it is.
bool is_number(const Value& value);
bool is_integer(const Value& value);  // bool included, as in Python
int64_t integer_of(const Value& value);
double real_of(const Value& value);

}  // namespace assay::engine::chat
