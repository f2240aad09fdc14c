#include "tests/emulation/numbers.h"

namespace assay::emulation {

uint16_t float_to_f16(float x) {
  const auto bits = std::bit_cast<uint32_t>(x);
  const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
  const uint32_t magnitude = bits & 0x7FFFFFFF;
  if (magnitude > 0x7F800000) return 0x7FFF;
  // 65520 is halfway between the largest f16 and the next that there would be.
  if (magnitude >= std::bit_cast<uint32_t>(65520.0F)) return static_cast<uint16_t>(sign | 0x7C00);
  if (magnitude < std::bit_cast<uint32_t>(0x1p-14F)) {
    // Subnormal: a multiple of 2^-24. Adding 0.5, whose last bit is worth 2^-24, rounds to it.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(0.5F)));
  }
  const uint32_t rounded = magnitude + 0xFFF + (magnitude >> 13 & 1);
  return static_cast<uint16_t>(sign | ((rounded >> 13) - (112u << 10)));
}

}  // namespace assay::emulation
