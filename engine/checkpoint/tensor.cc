#include "engine/checkpoint/tensor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace assay::engine {

std::optional<int64_t> tensor_bytes(const BlockType& type, const std::vector<int64_t>& shape) {
  int64_t values = 1;
  for (const int64_t size : shape) {
    if (__builtin_mul_overflow(values, size, &values)) return {};
  }
  const int64_t fastest = shape.empty() ? 1 : shape.back();
  if (fastest % type.block_values != 0) return {};
  int64_t bytes = 0;
  if (__builtin_mul_overflow(values / type.block_values, int64_t{type.block_bytes}, &bytes)) return {};
  return bytes;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  return fmt::format("({})", fmt::join(shape, ", "));
}

}  // namespace assay::engine
