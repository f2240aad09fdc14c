// A tensor as a file describes it, after the description was checked against the file.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/checkpoint/block_types.h"

namespace assay::engine {

struct Tensor {
  const BlockType* type = nullptr;  // a row of the table of block_types.cc; never null
  std::vector<int64_t> shape;       // slowest dimension first, (rows, cols); GGUF writes it the other way round
  const uint8_t* data = nullptr;    // in the mapped file, of any alignment
  int64_t bytes = 0;

  int64_t values() const { return bytes / type->block_bytes * type->block_values; }
};

using Tensors = std::map<std::string, Tensor, std::less<>>;

// Bytes of a tensor of that shape; nothing where the number overflows or the fastest dimension is not a multiple of the
// type's block. Sizes must not be negative.
std::optional<int64_t> tensor_bytes(const BlockType& type, const std::vector<int64_t>& shape);

// "(320, 64)"
std::string shape_text(const std::vector<int64_t>& shape);

}  // namespace assay::engine
