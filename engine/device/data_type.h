// The types in which weights and what is multiplied with them are kept.
#pragma once

#include <cstddef>

namespace assay::engine {

enum class DataType { kF32, kBf16, kF16 };

constexpr size_t bytes_of(DataType type) {
  return type == DataType::kF32 ? 4 : 2;
}

}  // namespace assay::engine
