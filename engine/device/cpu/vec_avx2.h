// The sixteen floats of vec_scalar.h as two AVX2 registers. Only for files named *_avx2.cc: what is inlined from here
// must not be merged with code for lesser machines.
#pragma once

#include <immintrin.h>

#include "engine/device/cpu/vec_scalar.h"

#define ASSAY_INLINE [[gnu::always_inline]] inline

namespace assay::engine {

struct VecAvx2 {
  static constexpr int kRegisters = 2;
  static constexpr int kRegisterFile = 16;

  __m256 low;
  __m256 high;

  ASSAY_INLINE static VecAvx2 load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
  ASSAY_INLINE static VecAvx2 broadcast(float x) { return {_mm256_set1_ps(x), _mm256_set1_ps(x)}; }
  ASSAY_INLINE void store(float* p) const {
    _mm256_storeu_ps(p, low);
    _mm256_storeu_ps(p + 8, high);
  }
};

ASSAY_INLINE VecAvx2 operator+(VecAvx2 a, VecAvx2 b) {
  return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)};
}
ASSAY_INLINE VecAvx2 operator-(VecAvx2 a, VecAvx2 b) {
  return {_mm256_sub_ps(a.low, b.low), _mm256_sub_ps(a.high, b.high)};
}
ASSAY_INLINE VecAvx2 operator*(VecAvx2 a, VecAvx2 b) {
  return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)};
}
ASSAY_INLINE VecAvx2 operator/(VecAvx2 a, VecAvx2 b) {
  return {_mm256_div_ps(a.low, b.low), _mm256_div_ps(a.high, b.high)};
}
ASSAY_INLINE VecAvx2 fma(VecAvx2 a, VecAvx2 b, VecAvx2 c) {
  return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
}
ASSAY_INLINE VecAvx2 max(VecAvx2 a, VecAvx2 b) {
  return {_mm256_max_ps(a.low, b.low), _mm256_max_ps(a.high, b.high)};
}
ASSAY_INLINE VecAvx2 negative_magnitude(VecAvx2 v) {
  const __m256 sign = _mm256_set1_ps(-0.0F);
  return {_mm256_or_ps(v.low, sign), _mm256_or_ps(v.high, sign)};
}
ASSAY_INLINE VecAvx2 where_negative(VecAvx2 v, VecAvx2 a, VecAvx2 b) {
  return {_mm256_blendv_ps(b.low, a.low, v.low), _mm256_blendv_ps(b.high, a.high, v.high)};
}
ASSAY_INLINE VecAvx2 zero_where_less(VecAvx2 v, VecAvx2 x, VecAvx2 c) {
  return {_mm256_andnot_ps(_mm256_cmp_ps(x.low, c.low, _CMP_LT_OQ), v.low),
          _mm256_andnot_ps(_mm256_cmp_ps(x.high, c.high, _CMP_LT_OQ), v.high)};
}
ASSAY_INLINE VecAvx2 first_lanes(VecAvx2 v, int n, VecAvx2 other) {
  const __m256i count = _mm256_set1_epi32(n);
  const __m256i low = _mm256_cmpgt_epi32(count, _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  const __m256i high = _mm256_cmpgt_epi32(count, _mm256_setr_epi32(8, 9, 10, 11, 12, 13, 14, 15));
  return {_mm256_blendv_ps(other.low, v.low, _mm256_castsi256_ps(low)),
          _mm256_blendv_ps(other.high, v.high, _mm256_castsi256_ps(high))};
}
ASSAY_INLINE VecAvx2 power_of_two(VecAvx2 v) {
  return {_mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(v.low), 23)),
          _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(v.high), 23))};
}
ASSAY_INLINE bool any_nan(VecAvx2 v) {
  return _mm256_movemask_ps(_mm256_cmp_ps(v.low, v.high, _CMP_UNORD_Q)) != 0;
}

ASSAY_INLINE float reduce_add(VecAvx2 v) {
  const __m256 eight = _mm256_add_ps(v.low, v.high);
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
ASSAY_INLINE float reduce_max(VecAvx2 v) {
  const __m256 eight = _mm256_max_ps(v.low, v.high);
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

}  // namespace assay::engine

#undef ASSAY_INLINE
