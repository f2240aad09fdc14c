// Rows of memory in pieces of eight values, read and written 16 bytes at a time where the rows are aligned. Which
// thread has which value does not depend on the alignment, so neither does the order of a sum.
#pragma once

#include <cuda_platform.h>

namespace assay::engine::cuda {

inline constexpr int kEight = 8;

struct Eight {
  float at[kEight];
};

// One 16-byte access. It may look at memory of any element type.
struct __attribute__((may_alias, aligned(16))) Sixteen {
  uint32_t words[4];
};

// Whether rows that begin at `address` and lie `stride` values apart all begin at multiples of 16 bytes.
template <typename T>
__device__ inline bool rows_aligned(const T* address, int64_t stride) {
  return reinterpret_cast<uintptr_t>(address) % 16 == 0 && stride * int64_t{sizeof(T)} % 16 == 0;
}

template <typename T>
__device__ inline void unpack(const Sixteen& from, float (&to)[8]) {
  ASSAY_UNROLL
  for (int i = 0; i < 4; ++i) {
    to[2 * i] = to_float(__builtin_bit_cast(T, static_cast<uint16_t>(from.words[i])));
    to[2 * i + 1] = to_float(__builtin_bit_cast(T, static_cast<uint16_t>(from.words[i] >> 16)));
  }
}

// Values first .. first + 7 of a row of n; those beyond its end are `fill`. `aligned`: as rows_aligned says.
template <typename T>
__device__ inline Eight load_eight(const T* row, int first, int n, bool aligned, float fill = 0) {
  Eight values;
  if (aligned && first + kEight <= n) {
    const Sixteen* from = reinterpret_cast<const Sixteen*>(row + first);
    if constexpr (sizeof(T) == 2) {
      unpack<T>(from[0], values.at);
    } else {
      const Sixteen low = from[0];
      const Sixteen high = from[1];
      ASSAY_UNROLL
      for (int i = 0; i < 4; ++i) {
        values.at[i] = __builtin_bit_cast(float, low.words[i]);
        values.at[4 + i] = __builtin_bit_cast(float, high.words[i]);
      }
    }
    return values;
  }
  ASSAY_UNROLL
  for (int i = 0; i < kEight; ++i) values.at[i] = first + i < n ? to_float(row[first + i]) : fill;
  return values;
}

// The inverse; values beyond the end of the row are dropped. Rounded to nearest even.
template <typename T>
__device__ inline void store_eight(T* row, int first, int n, bool aligned, const Eight& values) {
  if (aligned && first + kEight <= n) {
    Sixteen* to = reinterpret_cast<Sixteen*>(row + first);
    Sixteen low;
    if constexpr (sizeof(T) == 2) {
      ASSAY_UNROLL
      for (int i = 0; i < 4; ++i) low.words[i] = pack<T>(values.at[2 * i], values.at[2 * i + 1]);
      to[0] = low;
    } else {
      Sixteen high;
      ASSAY_UNROLL
      for (int i = 0; i < 4; ++i) {
        low.words[i] = __builtin_bit_cast(uint32_t, values.at[i]);
        high.words[i] = __builtin_bit_cast(uint32_t, values.at[4 + i]);
      }
      to[0] = low;
      to[1] = high;
    }
    return;
  }
  ASSAY_UNROLL
  for (int i = 0; i < kEight; ++i) {
    if (first + i < n) row[first + i] = from_float<T>(values.at[i]);
  }
}

}  // namespace assay::engine::cuda
