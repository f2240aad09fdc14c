#include "engine/checkpoint/gguf_fields.h"

#include <cmath>

#include "base/error.h"
#include "engine/checkpoint/json_fields.h"

namespace assay::engine {

std::optional<int> GgufFields::size(const char* field) const {
  const std::optional<int64_t> value = integer(field);
  if (value && (*value < 1 || *value > kLargestSize)) {
    fail_field(field, fmt::format("must be a positive integer up to {}, it is {}", kLargestSize, *value));
  }
  return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
}

int GgufFields::count(const char* field) const {
  return integer(field).value_or(0) == 0 ? 0 : *size(field);
}

int GgufFields::required_size(const char* field) const {
  const std::optional<int> value = size(field);
  if (!value) fail_field(field, "is missing");
  return *value;
}

std::optional<double> GgufFields::positive(const char* field) const {
  const std::optional<double> value = real(field);
  if (value && !(*value > 0 && std::isfinite(*value))) {
    fail_field(field, fmt::format("must be a positive number, it is {}", *value));
  }
  return value;
}

double GgufFields::required_positive(const char* field) const {
  const std::optional<double> value = positive(field);
  if (!value) fail_field(field, "is missing");
  return *value;
}

void GgufFields::fail_field(const char* field, std::string_view reason) const {
  fail_input("{}: {} {}", file_.path().string(), name(field), reason);
}

}  // namespace assay::engine
