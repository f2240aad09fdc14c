// Limits as one field of a message: the struct's own bytes, since both ends are built together.
#pragma once

#include <cstring>
#include <stdexcept>
#include <string>

#include "sandbox/limits.h"

namespace assay::sandbox {

inline std::string limits_field(const Limits& limits) {
  return {reinterpret_cast<const char*>(&limits), sizeof(limits)};
}

inline Limits limits_of(const std::string& field) {
  Limits limits;
  if (field.size() != sizeof(limits)) throw std::runtime_error("assay and assay-jail are of different versions");
  std::memcpy(&limits, field.data(), sizeof(limits));
  return limits;
}

}  // namespace assay::sandbox
