#include "engine/chat/arguments.h"

#include <algorithm>

#include "base/text.h"
#include "engine/chat/compare.h"

namespace assay::engine::chat {

Taken::Taken(const char* function, const Arguments& arguments, std::initializer_list<const char*> parameters,
             size_t required)
    : function_(function), values_(parameters.size()) {
  if (arguments.positional.size() > parameters.size()) {
    fail_template("{}() takes at most {} arguments and is given {}", function, parameters.size(),
                  arguments.positional.size());
  }
  std::copy(arguments.positional.begin(), arguments.positional.end(), values_.begin());
  for (const auto& [name, value] : arguments.named) {
    const auto found = std::find(parameters.begin(), parameters.end(), name);
    if (found == parameters.end()) fail_template("{}() has no argument named {}", function, printable(name));
    std::optional<Value>& place = values_[static_cast<size_t>(found - parameters.begin())];
    if (place) fail_template("{}() is given {} twice", function, name);
    place = value;
  }
  for (size_t i = 0; i < required; ++i) {
    if (!values_[i]) fail_template("{}() lacks its argument {}", function, *(parameters.begin() + i));
  }
}

bool Taken::flag(size_t parameter, bool otherwise) const {
  return has(parameter) ? truth((*this)[parameter]) : otherwise;
}

int64_t Taken::integer(size_t parameter, int64_t otherwise) const {
  if (!has(parameter) || (*this)[parameter].is_none()) return otherwise;
  const Value& value = (*this)[parameter];
  if (value.is_undefined()) fail_undefined(value);
  if (!is_integer(value)) fail_template("{}() is given a {} instead of an integer", function_, type_name(value));
  return integer_of(value);
}

const MarkedText& Taken::text(size_t parameter) const {
  const Value& value = (*this)[parameter];
  if (value.is_undefined()) fail_undefined(value);
  if (!value.is_text()) fail_template("{}() is given a {} instead of a str", function_, type_name(value));
  return value.text();
}

}  // namespace assay::engine::chat
