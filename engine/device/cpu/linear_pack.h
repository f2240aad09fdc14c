// Packing of x for the matrix kernels: one block of rows, see LinearKernel::pack. Internal linkage, as in
// linear_tile.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/device/cpu/bf16.h"

namespace assay::engine {

struct KeepF32 {
  static inline float convert(float value) { return value; }
};
struct RoundToBf16 {
  static inline float convert(float value) { return from_bf16(to_bf16(value)); }
};

// [depth][rows] of f32
template <class Rounding>
static void pack_interleaved(const float* x, int rows, int inputs, int depth, std::byte* to) {
  auto* packed = reinterpret_cast<float*>(to);
  for (int r = 0; r < rows; ++r) {
    const float* row = x + static_cast<size_t>(r) * static_cast<size_t>(inputs);
    float* column = packed + r;
    for (int k = 0; k < inputs; ++k)
      column[static_cast<size_t>(k) * static_cast<size_t>(rows)] = Rounding::convert(row[k]);
    for (int k = inputs; k < depth; ++k) column[static_cast<size_t>(k) * static_cast<size_t>(rows)] = 0;
  }
}

// [depth/2][rows][2] of bf16
[[maybe_unused]] static void pack_pairs(const float* x, int rows, int inputs, int depth, std::byte* to) {
  auto* packed = reinterpret_cast<uint32_t*>(to);
  for (int r = 0; r < rows; ++r) {
    const float* row = x + static_cast<size_t>(r) * static_cast<size_t>(inputs);
    for (int pair = 0; pair < depth / 2; ++pair) {
      const int k = 2 * pair;
      const uint32_t low = k < inputs ? to_bf16(row[k]) : 0;
      const uint32_t high = k + 1 < inputs ? to_bf16(row[k + 1]) : 0;
      packed[static_cast<size_t>(pair) * static_cast<size_t>(rows) + static_cast<size_t>(r)] = high << 16 | low;
    }
  }
}

// [depth/32][rows/16][16][32] of bf16, rows rounded up to 16: blocks of AMX tiles
[[maybe_unused]] static void pack_tiles(const float* x, int rows, int inputs, int depth, std::byte* to) {
  auto* packed = reinterpret_cast<uint16_t*>(to);
  const int padded = (rows + 15) / 16 * 16;
  for (int k = 0; k < depth; k += 32) {
    for (int r = 0; r < padded; ++r) {
      const float* row = x + static_cast<size_t>(r) * static_cast<size_t>(inputs);
      for (int i = 0; i < 32; ++i) *packed++ = r < rows && k + i < inputs ? to_bf16(row[k + i]) : uint16_t{0};
    }
  }
}

}  // namespace assay::engine
