// The sixteen floats of vec_scalar.h as one AVX-512 register (F and DQ). Only for files named *_avx512.cc: what is
// inlined from here must not be merged with code for lesser machines.
#pragma once

// gcc 12's own header leaves "undefined" registers uninitialised on purpose and warns of it (GCC bug 105593).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop

#include "engine/device/cpu/vec_scalar.h"

#define ASSAY_INLINE [[gnu::always_inline]] inline

namespace assay::engine {

struct VecAvx512 {
  static constexpr int kRegisters = 1;
  static constexpr int kRegisterFile = 32;

  __m512 all;

  ASSAY_INLINE static VecAvx512 load(const float* p) { return {_mm512_loadu_ps(p)}; }
  ASSAY_INLINE static VecAvx512 broadcast(float x) { return {_mm512_set1_ps(x)}; }
  ASSAY_INLINE void store(float* p) const { _mm512_storeu_ps(p, all); }
};

ASSAY_INLINE VecAvx512 operator+(VecAvx512 a, VecAvx512 b) {
  return {_mm512_add_ps(a.all, b.all)};
}
ASSAY_INLINE VecAvx512 operator-(VecAvx512 a, VecAvx512 b) {
  return {_mm512_sub_ps(a.all, b.all)};
}
ASSAY_INLINE VecAvx512 operator*(VecAvx512 a, VecAvx512 b) {
  return {_mm512_mul_ps(a.all, b.all)};
}
ASSAY_INLINE VecAvx512 operator/(VecAvx512 a, VecAvx512 b) {
  return {_mm512_div_ps(a.all, b.all)};
}
ASSAY_INLINE VecAvx512 fma(VecAvx512 a, VecAvx512 b, VecAvx512 c) {
  return {_mm512_fmadd_ps(a.all, b.all, c.all)};
}
ASSAY_INLINE VecAvx512 max(VecAvx512 a, VecAvx512 b) {
  return {_mm512_max_ps(a.all, b.all)};
}
ASSAY_INLINE VecAvx512 negative_magnitude(VecAvx512 v) {
  return {_mm512_or_ps(v.all, _mm512_set1_ps(-0.0F))};
}
ASSAY_INLINE VecAvx512 where_negative(VecAvx512 v, VecAvx512 a, VecAvx512 b) {
  return {_mm512_mask_blend_ps(_mm512_movepi32_mask(_mm512_castps_si512(v.all)), b.all, a.all)};
}
ASSAY_INLINE VecAvx512 zero_where_less(VecAvx512 v, VecAvx512 x, VecAvx512 c) {
  const __mmask16 less = _mm512_cmp_ps_mask(x.all, c.all, _CMP_LT_OQ);
  return {_mm512_mask_blend_ps(less, v.all, _mm512_setzero_ps())};
}
ASSAY_INLINE VecAvx512 first_lanes(VecAvx512 v, int n, VecAvx512 other) {
  const __m512i lane = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  return {_mm512_mask_blend_ps(_mm512_cmplt_epi32_mask(lane, _mm512_set1_epi32(n)), other.all, v.all)};
}
ASSAY_INLINE VecAvx512 power_of_two(VecAvx512 v) {
  return {_mm512_castsi512_ps(_mm512_slli_epi32(_mm512_castps_si512(v.all), 23))};
}
ASSAY_INLINE bool any_nan(VecAvx512 v) {
  return _mm512_cmp_ps_mask(v.all, v.all, _CMP_UNORD_Q) != 0;
}

ASSAY_INLINE float reduce_add(VecAvx512 v) {
  const __m256 eight = _mm256_add_ps(_mm512_castps512_ps256(v.all), _mm512_extractf32x8_ps(v.all, 1));
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}
ASSAY_INLINE float reduce_max(VecAvx512 v) {
  const __m256 eight = _mm256_max_ps(_mm512_castps512_ps256(v.all), _mm512_extractf32x8_ps(v.all, 1));
  const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
  const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

}  // namespace assay::engine

#undef ASSAY_INLINE
