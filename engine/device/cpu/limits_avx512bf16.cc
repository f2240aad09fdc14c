#include <immintrin.h>

#include "engine/device/cpu/limits.h"

namespace assay::engine::limits {

int64_t peak_avx512bf16(int64_t rounds) {
  constexpr int kChains = 16;
  __m512 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm512_set1_ps(static_cast<float>(i));
  const auto pairs = reinterpret_cast<__m512bh>(_mm512_set1_epi32(0x3f803f80));  // (1, 1) in bf16
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 16
    for (int i = 0; i < kChains; ++i) sums[i] = _mm512_dpbf16_ps(sums[i], pairs, pairs);
  }
  volatile float keep = 0;
  for (const __m512& sum : sums) keep = keep + _mm512_cvtss_f32(sum);
  return rounds * kChains * 32 * 2;
}

}  // namespace assay::engine::limits
