// Functions of one number that must be exact to the last bits wherever they run.
#pragma once

#include <cuda_platform.h>

namespace assay::engine::cuda {

__device__ inline float infinity() {
  return __builtin_bit_cast(float, 0x7f800000U);
}
__device__ inline float not_a_number() {
  return __builtin_bit_cast(float, 0x7fc00000U);
}
__device__ inline bool is_finite(float x) {
  return (__builtin_bit_cast(uint32_t, x) & 0x7f800000U) != 0x7f800000U;
}

// exp(x) for x <= 0 within 1 unit in the last place, 0 where the result would be subnormal, exactly 1 at 0; NaN stays
// NaN. The polynomial of engine/device/cpu/vec_rows.h in the same order, so that the weights that a token is drawn from
// have the CPU's bits; the hardware's exponential is off by |x| more units, which a vocabulary of 256,000 adds up.
__device__ inline float exp_of_nonpositive(float x) {
  constexpr float kShifter = 12582912.0F + 127.0F;
  const float shifted = multiply_add(x, 0x1.715476p+0F, kShifter);
  const float n = shifted - kShifter;
  float r = multiply_add(n, -0x1.62e43p-1F, x);
  r = multiply_add(n, 0x1.05c61p-29F, r);
  float p = 0.0013814528937845163F;
  p = multiply_add(p, r, 0.008368750489274615F);
  p = multiply_add(p, r, 0.04166839130767938F);
  p = multiply_add(p, r, 0.16666520354680522F);
  p = multiply_add(p, r, 0.49999993429130435F);
  p = multiply_add(p, r, 1.0F);
  p = multiply_add(p, r, 1.0F);
  const float scale = __builtin_bit_cast(float, __builtin_bit_cast(uint32_t, shifted) << 23);
  return x < -87.3365402F ? 0.0F : p * scale;
}

// ln(x) for finite x >= 1, within 2e-7 absolute: the exponent times ln 2 in f64, and the mantissa's logarithm in f32.
__device__ inline double log_of_at_least_one(double x) {
  const uint64_t bits = __builtin_bit_cast(uint64_t, x);
  const int exponent = static_cast<int>(bits >> 52) - 1023;
  const double mantissa = __builtin_bit_cast(double, (bits & 0xfffffffffffffULL) | 0x3ff0000000000000ULL);
  return exponent * 0.693147180559945309 + static_cast<double>(logarithm(static_cast<float>(mantissa)));
}

}  // namespace assay::engine::cuda
