// The 16-bit numbers against arithmetic in double: every value of both types, and the ties between neighbours.
#include "tests/emulation/numbers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <limits>

namespace assay::testing {
namespace {

using emulation::bf16_to_float;
using emulation::f16_to_float;
using emulation::float_to_bf16;
using emulation::float_to_f16;

// IEEE 754: sign, exponent with that bias, fraction with that many bits.
double value_of(uint16_t bits, int fraction_bits, int bias) {
  const int exponent = (bits & 0x7FFF) >> fraction_bits;
  const int fraction = bits & ((1 << fraction_bits) - 1);
  const int largest = (0x7FFF >> fraction_bits);
  const double sign = (bits & 0x8000) != 0 ? -1 : 1;
  if (exponent == largest) return fraction == 0 ? sign * HUGE_VAL : std::nan("");
  if (exponent == 0) return sign * std::ldexp(fraction, 1 - bias - fraction_bits);
  return sign * std::ldexp((1 << fraction_bits) + fraction, exponent - bias - fraction_bits);
}

struct Format {
  const char* name;
  int fraction_bits;
  int bias;
  float (*to_float)(uint16_t);
  uint16_t (*from_float)(float);
};

const Format kFormats[] = {{"bf16", 7, 127, &bf16_to_float, &float_to_bf16},
                           {"f16", 10, 15, &f16_to_float, &float_to_f16}};

TEST(Numbers, EveryValueIsReadAndWrittenBack) {
  for (const Format& format : kFormats) {
    int nans = 0;
    for (uint32_t bits = 0; bits < 0x10000; ++bits) {
      const auto half = static_cast<uint16_t>(bits);
      const double expected = value_of(half, format.fraction_bits, format.bias);
      const float got = format.to_float(half);
      if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(got) && std::isnan(format.to_float(format.from_float(got)))) << format.name << bits;
        ++nans;
        continue;
      }
      EXPECT_EQ(static_cast<double>(got), expected) << format.name << " " << bits;
      EXPECT_EQ(format.from_float(got), half) << format.name << " " << bits;
    }
    std::cout << format.name << ": 65536 values, " << nans << " of them NaN\n";
  }
}

TEST(Numbers, RoundingIsToNearestAndTiesGoToEven) {
  for (const Format& format : kFormats) {
    int ties = 0;
    const auto infinity = static_cast<uint32_t>(0x7FFF >> format.fraction_bits << format.fraction_bits);
    for (uint32_t low = 0; low + 1 < infinity; ++low) {
      const double a = value_of(static_cast<uint16_t>(low), format.fraction_bits, format.bias);
      const double b = value_of(static_cast<uint16_t>(low + 1), format.fraction_bits, format.bias);
      const auto middle = static_cast<float>((a + b) / 2);  // one more bit: exact in f32
      const uint32_t even = low % 2 == 0 ? low : low + 1;
      ASSERT_EQ(format.from_float(middle), even) << format.name << " " << low;
      ASSERT_EQ(format.from_float(std::nextafter(middle, 0.0F)), low) << format.name << " " << low;
      ASSERT_EQ(format.from_float(std::nextafter(-middle, -HUGE_VALF)), (low + 1) | 0x8000)
          << format.name << " " << low;
      ++ties;
    }
    EXPECT_EQ(format.from_float(std::numeric_limits<float>::max()), infinity) << format.name;
    std::cout << format.name << ": " << ties << " ties\n";
  }
}

}  // namespace
}  // namespace assay::testing
