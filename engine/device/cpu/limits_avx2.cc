#include <immintrin.h>

#include <cstddef>

#include "engine/device/cpu/limits.h"

namespace assay::engine::limits {
namespace {

// Streams: places of the buffer that are read in turn, 256 bytes at each.
template <int Streams, bool Prefetch>
uint64_t read(const std::byte* from, int64_t bytes) {
  constexpr int64_t kAhead = 2048;  // bytes
  const int64_t length = bytes / Streams;
  __m256i sums[8] = {};
  for (int64_t at = 0; at < length; at += 256) {
    for (int stream = 0; stream < Streams; ++stream) {
      const std::byte* p = from + stream * length + at;
      if (Prefetch) {
        for (int line = 0; line < 4; ++line)
          _mm_prefetch(reinterpret_cast<const char*>(p + kAhead + 64 * line), _MM_HINT_T0);
      }
#pragma GCC unroll 8
      for (int i = 0; i < 8; ++i) {
        sums[i] = _mm256_xor_si256(sums[i], _mm256_load_si256(reinterpret_cast<const __m256i*>(p + 32 * i)));
      }
    }
  }
  uint64_t result = 0;
  for (const __m256i& sum : sums) result ^= static_cast<uint64_t>(_mm256_extract_epi64(sum, 0));
  return result;
}

}  // namespace

int64_t peak_avx2(int64_t rounds) {
  constexpr int kChains = 12;
  __m256 sums[kChains];
  for (int i = 0; i < kChains; ++i) sums[i] = _mm256_set1_ps(static_cast<float>(i));
  const __m256 half = _mm256_set1_ps(0.5f);
  const __m256 one = _mm256_set1_ps(1.0f);
  for (int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 16
    for (int i = 0; i < kChains; ++i) sums[i] = _mm256_fmadd_ps(sums[i], half, one);
  }
  volatile float keep = 0;
  for (const __m256& sum : sums) keep = keep + _mm256_cvtss_f32(sum);
  return rounds * kChains * 8 * 2;
}

uint64_t read_avx2(const std::byte* from, int64_t bytes) {
  return read<1, false>(from, bytes);
}
uint64_t read_avx2_streams(const std::byte* from, int64_t bytes) {
  return read<8, false>(from, bytes);
}
uint64_t read_avx2_prefetch(const std::byte* from, int64_t bytes) {
  return read<1, true>(from, bytes);
}
uint64_t read_avx2_prefetch_streams(const std::byte* from, int64_t bytes) {
  return read<8, true>(from, bytes);
}

}  // namespace assay::engine::limits
