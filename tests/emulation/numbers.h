// 16-bit floating-point numbers as bits.
#pragma once

#include <bit>
#include <cstdint>

namespace assay::emulation {

// bf16 is the upper half of an f32.
inline float bf16_to_float(uint16_t bits) {
  return std::bit_cast<float>(uint32_t{bits} << 16);
}

// To nearest, ties to even; a NaN stays one.
inline uint16_t float_to_bf16(float x) {
  const auto bits = std::bit_cast<uint32_t>(x);
  if ((bits & 0x7FFFFFFF) > 0x7F800000) return 0x7FFF;
  return static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

inline float f16_to_float(uint16_t bits) {
  const uint32_t sign = uint32_t{bits & 0x8000u} << 16;
  const uint32_t rest = bits & 0x7FFFu;
  if (rest >= 0x7C00) return std::bit_cast<float>(sign | 0x7F800000 | (rest & 0x3FF) << 13);  // infinity, NaN
  // The same fields at f32's places, with an exponent that is 112 too small: exact for subnormals as well.
  const float magnitude = std::bit_cast<float>(rest << 13) * 0x1p112F;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(magnitude) | sign);
}

// To nearest, ties to even.
uint16_t float_to_f16(float x);

}  // namespace assay::emulation

// The toolkit's names, so that kernels have the same mangled names in both builds.
struct __nv_bfloat16 {
  uint16_t bits;
};
struct __half {
  uint16_t bits;
};
