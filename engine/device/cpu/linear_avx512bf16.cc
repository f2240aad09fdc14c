#include <immintrin.h>

#include <cstring>

#include "engine/device/cpu/linear_pack.h"
#include "engine/device/cpu/linear_tile.h"

namespace assay::engine {
namespace {

struct Avx512Bf16 {
  using Vec = __m512;
  using Pairs = __m512i;
  static constexpr int kRegisters = 32;

  static inline Vec zero() { return _mm512_setzero_ps(); }
  static inline Vec load(const float* p) { return _mm512_loadu_ps(p); }
  static inline void store(float* p, Vec v) { _mm512_storeu_ps(p, v); }
  static inline Pairs load_pairs(const std::byte* p) { return _mm512_loadu_si512(p); }
  static inline Pairs broadcast_pair(const std::byte* p) {
    int pair = 0;
    std::memcpy(&pair, p, sizeof(pair));
    return _mm512_set1_epi32(pair);
  }
  static inline Vec dot(Vec sum, Pairs a, Pairs b) {
    return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
  }
};

using Bf16 = VectorTile<DotStep<Avx512Bf16>, DotStep<Avx512Bf16>, kAvx512DotShape>;

}  // namespace

const LinearKernel kLinearAvx512Bf16Dot = kernel_of<Bf16>(pack_interleaved<PairsOfBf16>);

}  // namespace assay::engine
