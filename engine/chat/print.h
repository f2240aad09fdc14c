// Values as text: Python's str() and repr(), and JSON as json.dumps writes it. What came from a message stays marked.
#pragma once

#include "engine/chat/runtime.h"

namespace assay::engine::chat {

// str(value): what {{ value }} prints.
void append_text(Runtime& runtime, const Value& value, MarkedText& out);
MarkedText to_text(Runtime& runtime, const Value& value);

// repr(value)
void append_repr(Runtime& runtime, const Value& value, MarkedText& out);

struct JsonStyle {
  int indent = -1;  // spaces a level; negative: all on one line
  bool ensure_ascii = false;
  bool sort_keys = false;
  std::string item_separator = ", ";  // followed by a line break where there is an indent
  std::string key_separator = ": ";
};
// TemplateError for what JSON does not have.
MarkedText to_json(Runtime& runtime, const Value& value, const JsonStyle& style);

}  // namespace assay::engine::chat
