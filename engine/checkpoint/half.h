// Numbers of half precision (IEEE 754 binary16) and of bfloat16 as f32: exact, NaN and infinity included.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace assay::engine {

inline float f16_to_f32(uint16_t bits) {
  const uint32_t sign = uint32_t{bits & 0x8000u} << 16;
  const uint32_t magnitude = uint32_t{bits & 0x7fffu} << 13;
  // Moving the exponent's bias from 15 to 127; a subnormal number becomes a normal one that is 2^-14 too large. Masks
  // instead of branches let the compiler convert several values at once.
  const uint32_t normal = magnitude + (112u << 23);
  const uint32_t subnormal = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude + (113u << 23)) - 0x1p-14f);
  const uint32_t is_subnormal = 0u - static_cast<uint32_t>(magnitude < (1u << 23));
  const uint32_t is_special = 0u - static_cast<uint32_t>(magnitude >= (31u << 23));  // infinity or NaN
  const uint32_t finite = (normal & ~is_subnormal) | (subnormal & is_subnormal);
  return std::bit_cast<float>(sign | finite | ((255u << 23) & is_special));
}

inline float bf16_to_f32(uint16_t bits) {
  return std::bit_cast<float>(uint32_t{bits} << 16);
}

// The two bytes at `from`, of any alignment.
inline uint16_t load_u16(const uint8_t* from) {
  uint16_t value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

inline float load_f16(const uint8_t* from) {
  return f16_to_f32(load_u16(from));
}

}  // namespace assay::engine
