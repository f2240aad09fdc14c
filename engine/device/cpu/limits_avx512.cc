#include <immintrin.h>

#include "engine/device/cpu/limits.h"

namespace assay::engine::limits {

int64_t peak_avx512(int64_t rounds) {
  constexpr int kChains = 16;
  __m512 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));
  const __m512 half = _mm512_set1_ps(0.5f);
  const __m512 one = _mm512_set1_ps(1.0f);
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 16
    for (int i = 0; i < kChains; ++i) sums[i] = _mm512_fmadd_ps(sums[i], half, one);
  }
  volatile float keep = 0;
  for (const __m512& sum : sums) keep = keep + _mm512_cvtss_f32(sum);
  return rounds * kChains * 16 * 2;
}

}  // namespace assay::engine::limits
