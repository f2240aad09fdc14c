// Scopes while a template runs: which one is current, and the names in it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/chat/interpreter.h"

namespace assay::engine::chat {

class Interpreter::Within {
 public:
  Within(Scope*& current, Scope* scope) : current_(current), before_(current) { current_ = scope; }
  ~Within() { current_ = before_; }
  Within(const Within&) = delete;
  Within& operator=(const Within&) = delete;

 private:
  Scope*& current_;
  Scope* before_;
};

// The entry of that name, a new one where there is none.
inline void set_entry_of(Runtime& runtime, std::vector<std::pair<std::string, Value>>& entries, const std::string& name,
                         const Value& value) {
  for (auto& [known, entry] : entries) {
    if (known != name) continue;
    entry = value;
    return;
  }
  runtime.work(entries.size());
  runtime.allocate(name.size() + sizeof(std::string) + sizeof(Value));
  entries.emplace_back(name, value);
}

inline void set_name(Runtime& runtime, Scope& scope, const std::string& name, const Value& value) {
  set_entry_of(runtime, scope.names, name, value);
}

}  // namespace assay::engine::chat
