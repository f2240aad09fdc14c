// Arguments of a call, and how a function made here takes them.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/chat/runtime.h"

namespace assay::engine::chat {

struct Arguments {
  std::vector<Value> positional;
  std::vector<std::pair<std::string, Value>> named;
};

// The arguments in the order of a function's parameters.
class Taken {
 public:
  // TemplateError for too many, an unknown name, one given twice, and for fewer than `required`.
  Taken(const char* function, const Arguments& arguments, std::initializer_list<const char*> parameters,
        size_t required = 0);

  bool has(size_t parameter) const { return values_[parameter].has_value(); }
  const Value& operator[](size_t parameter) const { return *values_[parameter]; }
  // With what stands in for an argument that was not given; TemplateError for one of another type.
  bool flag(size_t parameter, bool otherwise) const;
  int64_t integer(size_t parameter, int64_t otherwise) const;
  const MarkedText& text(size_t parameter) const;  // one that is required

 private:
  const char* function_;
  std::vector<std::optional<Value>> values_;
};

}  // namespace assay::engine::chat
