// Packing of x for the matrix kernels: a block of rows over a block of K, see LinearKernel::pack. Internal linkage, as
// in linear_tile.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "engine/device/cpu/bf16.h"

namespace assay::engine {

// What packing makes of a row's inputs: elements of 32 bits, four at a time, since one at a time a small matrix product
// takes a tenth of its time to pack.
typedef uint32_t FourElements __attribute__((vector_size(16)));

static inline FourElements load_four(const float* x) {
  FourElements bits;
  std::memcpy(&bits, x, sizeof(bits));
  return bits;
}

// to_bf16, in the upper halves.
static inline FourElements round_four(FourElements bits) {
  const FourElements rounded = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
  const FourElements quiet_nan = (bits & 0xffff0000) | 0x400000;
  const auto nan = reinterpret_cast<FourElements>((bits & 0x7fffffff) > 0x7f800000);
  return (quiet_nan & nan) | (rounded & ~nan);
}

struct KeepF32 {
  static constexpr int kDepth = 1;  // inputs of an element
  static inline FourElements four(const float* x) { return load_four(x); }
};

struct RoundToBf16 {
  static constexpr int kDepth = 1;
  static inline FourElements four(const float* x) { return round_four(load_four(x)); }
};

// Two neighbours over K as bf16, the first in the lower half.
struct PairsOfBf16 {
  static constexpr int kDepth = 2;
  static inline FourElements four(const float* x) {
    const FourElements a = round_four(load_four(x));
    const FourElements b = round_four(load_four(x + 4));
    return __builtin_shufflevector(a, b, 0, 2, 4, 6) >> 16 | __builtin_shufflevector(a, b, 1, 3, 5, 7);
  }
};

// Elements from `x` on, of which `valid` inputs are there and the others zero.
template <class Element>
static inline FourElements four_or_fewer(const float* x, int valid) {
  constexpr int kInputs = 4 * Element::kDepth;
  if (valid >= kInputs) return Element::four(x);
  float padded[kInputs] = {};
  for (int i = 0; i < valid; ++i) padded[i] = x[i];
  return Element::four(padded);
}

// Rows of four elements each to columns.
static inline void transpose(FourElements (&v)[4]) {
  const FourElements low01 = __builtin_shufflevector(v[0], v[1], 0, 4, 1, 5);
  const FourElements high01 = __builtin_shufflevector(v[0], v[1], 2, 6, 3, 7);
  const FourElements low23 = __builtin_shufflevector(v[2], v[3], 0, 4, 1, 5);
  const FourElements high23 = __builtin_shufflevector(v[2], v[3], 2, 6, 3, 7);
  v[0] = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
  v[1] = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
  v[2] = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
  v[3] = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
}

// `count` <= 4 rows to columns of `to`, which is [depth / kDepth][rows].
template <class Element>
static inline void pack_columns(const float* x, int stride, int count, int valid, int depth, int rows, uint32_t* to) {
  const int elements = depth / Element::kDepth;
  for (int e = 0; e < elements; e += 4) {
    const int k = e * Element::kDepth;
    FourElements v[4] = {};
    for (int r = 0; r < count; ++r)
      v[r] = four_or_fewer<Element>(x + static_cast<ptrdiff_t>(r) * stride + k, valid - k);
    transpose(v);
    for (int i = 0; i < 4 && e + i < elements; ++i) {
      std::memcpy(to + static_cast<ptrdiff_t>(e + i) * rows, &v[i], sizeof(uint32_t) * static_cast<size_t>(count));
    }
  }
}

// [depth / kDepth][rows] of elements.
template <class Element>
static void pack_interleaved(const float* x, int stride, int rows, int valid, int depth, std::byte* to) {
  auto* columns = reinterpret_cast<uint32_t*>(to);
  int row = 0;
  for (; row + 4 <= rows; row += 4) {
    pack_columns<Element>(x + static_cast<ptrdiff_t>(row) * stride, stride, 4, valid, depth, rows, columns + row);
  }
  for (; row + 2 <= rows; row += 2) {
    pack_columns<Element>(x + static_cast<ptrdiff_t>(row) * stride, stride, 2, valid, depth, rows, columns + row);
  }
  if (row < rows) {
    pack_columns<Element>(x + static_cast<ptrdiff_t>(row) * stride, stride, 1, valid, depth, rows, columns + row);
  }
}

// [depth / 32][rows / 16][16][32] of bf16, rows rounded up to 16: blocks of AMX tiles.
[[maybe_unused]] static void pack_tiles(const float* x, int stride, int rows, int valid, int depth, std::byte* to) {
  const int padded = (rows + 15) / 16 * 16;
  for (int k = 0; k < depth; k += 32) {
    for (int r = 0; r < padded; ++r) {
      for (int i = 0; i < 32; i += 8) {
        FourElements pairs = {};
        if (r < rows) {
          pairs = four_or_fewer<PairsOfBf16>(x + static_cast<ptrdiff_t>(r) * stride + k + i, valid - k - i);
        }
        std::memcpy(to, &pairs, sizeof(pairs));
        to += sizeof(pairs);
      }
    }
  }
}

}  // namespace assay::engine
