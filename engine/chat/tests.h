// Tests: {{ value is name(arguments) }}, after Jinja's "List of Builtin Tests".
#pragma once

#include <string_view>

#include "engine/chat/arguments.h"

namespace assay::engine::chat {

// TemplateError for a name that is no test here.
bool apply_test(Runtime& runtime, std::string_view name, const Value& value, const Arguments& arguments);

}  // namespace assay::engine::chat
