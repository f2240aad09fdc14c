// Filters: {{ value | name(arguments) }}, after Jinja's "List of Builtin Filters", as far as chat templates use them.
#pragma once

#include <string_view>

#include "engine/chat/arguments.h"

namespace assay::engine::chat {

// TemplateError for a name that is no filter here.
Value apply_filter(Runtime& runtime, std::string_view name, const Value& value, const Arguments& arguments);

struct Filter {
  std::string_view name;
  Callable::Native native;
};
// Null where the file has no such filter.
Callable::Native find_value_filter(std::string_view name);  // of one value: texts, numbers
Callable::Native find_list_filter(std::string_view name);   // of several

}  // namespace assay::engine::chat
