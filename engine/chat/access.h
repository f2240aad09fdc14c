// What values hold: items, slices, attributes, lengths.
#pragma once

#include <string_view>
#include <vector>

#include "engine/chat/runtime.h"

namespace assay::engine::chat {

// len(value); TemplateError for what has none.
int64_t length(Runtime& runtime, const Value& value);

// What `for` walks over: items of a list, keys of a dict, characters of a text; an undefined value has none. A
// generator is empty the second time.
std::vector<Value> walk(Runtime& runtime, const Value& value);

// value[key], then value.key; undefined where there is neither.
Value get_item(Runtime& runtime, const Value& value, const Value& key);
// value.name: a method, then value["name"]; undefined where there is neither.
Value get_attribute(Runtime& runtime, const Value& value, std::string_view name);
// An attribute as filters name it: "a.b.0", or a number.
Value get_path(Runtime& runtime, Value value, const Value& path);

// value[begin:end:step]; each may be none.
Value get_slice(Runtime& runtime, const Value& value, const Value& begin, const Value& end, const Value& step);

// The entry of a dict; null where there is none.
const Value* find_entry(Runtime& runtime, const Dict& dict, const Value& key);
// TemplateError for a key that cannot be one (a list, a dict).
void set_entry(Runtime& runtime, Dict& dict, const Value& key, const Value& value);

}  // namespace assay::engine::chat
