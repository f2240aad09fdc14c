#include <immintrin.h>

#include "engine/device/cpu/linear_pack.h"
#include "engine/device/cpu/linear_tile.h"

namespace assay::engine {
namespace {

struct Avx2 {
  struct Vec {
    __m256 low, high;
  };
  struct Pairs {
    __m256i low, high;
  };
  static constexpr int kRegisters = 8;  // sixteen of half the size

  static inline Vec zero() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }
  static inline Vec load(const float* p) { return {_mm256_loadu_ps(p), _mm256_loadu_ps(p + 8)}; }
  static inline void store(float* p, Vec v) {
    _mm256_storeu_ps(p, v.low);
    _mm256_storeu_ps(p + 8, v.high);
  }
  static inline Vec broadcast(const float* p) {
    const __m256 v = _mm256_broadcast_ss(p);
    return {v, v};
  }
  static inline Vec fma(Vec a, Vec b, Vec c) {
    return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
  }
  static inline Pairs load_pairs(const std::byte* p) {
    return {_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)),
            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32))};
  }
  static inline Vec even(Pairs v) {
    return {_mm256_castsi256_ps(_mm256_slli_epi32(v.low, 16)), _mm256_castsi256_ps(_mm256_slli_epi32(v.high, 16))};
  }
  static inline Vec odd(Pairs v) {
    const __m256 mask = _mm256_castsi256_ps(_mm256_set1_epi32(static_cast<int>(0xffff0000)));
    return {_mm256_and_ps(_mm256_castsi256_ps(v.low), mask), _mm256_and_ps(_mm256_castsi256_ps(v.high), mask)};
  }
};

constexpr TileShape kF32Shape = {.rows = 6, .panels = 1, .few_rows = 6};
constexpr TileShape kWideningShape = {.rows = 6, .panels = 1, .few_rows = 2};
using F32 = VectorTile<F32Step<Avx2>, F32Step<Avx2>, kF32Shape>;
using Bf16 = VectorTile<WideningStep<Avx2>, F32Step<Avx2>, kWideningShape>;

}  // namespace

const LinearKernel kLinearAvx2F32 = kernel_of<F32>(pack_interleaved<KeepF32>);
const LinearKernel kLinearAvx2Bf16 = kernel_of<Bf16>(pack_interleaved<RoundToBf16>);

}  // namespace assay::engine
