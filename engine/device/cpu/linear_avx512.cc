#include <immintrin.h>

#include "engine/device/cpu/linear_pack.h"
#include "engine/device/cpu/linear_tile.h"

namespace assay::engine {
namespace {

struct Avx512 {
  using Vec = __m512;
  using Pairs = __m512i;
  static constexpr int kRegisters = 32;

  static inline Vec zero() { return _mm512_setzero_ps(); }
  static inline Vec load(const float* p) { return _mm512_loadu_ps(p); }
  static inline void store(float* p, Vec v) { _mm512_storeu_ps(p, v); }
  static inline Vec broadcast(const float* p) { return _mm512_set1_ps(*p); }
  static inline Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
  static inline Pairs load_pairs(const std::byte* p) { return _mm512_loadu_si512(p); }
  // Not _mm512_slli_epi32: gcc 12 warns of its own header there (bug 105593).
  static inline Vec even(Pairs v) { return reinterpret_cast<Vec>(reinterpret_cast<__v16su>(v) << 16); }
  static inline Vec odd(Pairs v) {
    return _mm512_castsi512_ps(_mm512_and_si512(v, _mm512_set1_epi32(static_cast<int>(0xffff0000))));
  }
};

using F32 = VectorTile<F32Step<Avx512>, F32Step<Avx512>, kAvx512F32Shape>;
using Bf16 = VectorTile<WideningStep<Avx512>, F32Step<Avx512>, kAvx512WideningShape>;

}  // namespace

const LinearKernel kLinearAvx512F32 = kernel_of<F32>(pack_interleaved<KeepF32>);
const LinearKernel kLinearAvx512Bf16 = kernel_of<Bf16>(pack_interleaved<RoundToBf16>);

}  // namespace assay::engine
