// bfloat16: the upper half of a binary32.
//
// Internal linkage on purpose: these are compiled for several instruction sets, and the linker must not keep the copy
// of one set for the files of another.
#pragma once

#include <cstdint>
#include <cstring>

namespace assay::engine {

// To nearest, ties to even; denormals are kept, and a NaN stays one.
[[maybe_unused]] static inline uint16_t to_bf16(float value) {
  uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof(bits));
  const uint32_t rounded = (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
  const uint32_t quiet_nan = bits >> 16 | 0x40;
  return static_cast<uint16_t>((bits & 0x7fffffff) > 0x7f800000 ? quiet_nan : rounded);
}

[[maybe_unused]] static inline float from_bf16(uint16_t value) {
  const uint32_t bits = uint32_t{value} << 16;
  float result = 0;
  std::memcpy(&result, &bits, sizeof(result));
  return result;
}

}  // namespace assay::engine
