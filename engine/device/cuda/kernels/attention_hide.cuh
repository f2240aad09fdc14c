// Hides from rows what is not finite in values that they do not see.
//
// A row takes every value of a tile into its product, those that it does not see with weight 0. 0 * x is 0 but for NaN
// and infinity: there a row would depend on tokens after it, and on how far the step reached.
#pragma once

#include "engine/device/cuda/kernels/attention_tile.cuh"

namespace assay::engine::cuda {

// Whether all values of the tile are finite; the whole block calls it and gets one answer.
template <typename T, int kDim>
__device__ bool values_finite(AttentionShared<T, kDim>& shared, int stage) {
  struct alignas(16) Chunk {
    T x[8];
  };
  constexpr int kChunks = kDim / 8;
  const int thread = static_cast<int>(threadIdx.x);
  float probe = 0;  // NaN after any x that is not finite
  for (int i = thread; i < kTileKeys<kDim> * kChunks; i += kTileThreads) {
    const Chunk chunk = reinterpret_cast<const Chunk&>(shared.values[stage][i / kChunks][i % kChunks * 8]);
    ASSAY_UNROLL
    for (int j = 0; j < 8; ++j) probe = multiply_add(to_float(chunk.x[j]), 0, probe);
  }
  const bool found = __any_sync(kWholeWarp, !(probe == 0)) != 0;
  if (thread % kWarp == 0) shared.not_finite[thread / kWarp] = found ? 1 : 0;
  __syncthreads();
  int any = 0;
  ASSAY_UNROLL
  for (int warp = 0; warp < kTileWarps; ++warp) any |= shared.not_finite[warp];
  return any == 0;
}

// `keys`: how many of the tile there are. Makes NaN of the sums whose rows see something that is not finite, and 0 of
// that. The whole block calls it, for tiles that some row does not see whole.
template <typename T, int kDim>
__device__ void hide_not_finite(AttentionShared<T, kDim>& shared, int stage, const QueryRow (&rows)[2], int first,
                                int keys, int window, AttentionSums<kDim>& sums) {
  if (values_finite(shared, stage)) return;
  const int thread = static_cast<int>(threadIdx.x);
  const int column = thread % 4 * 2;
  ASSAY_UNROLL
  for (int n = 0; n < kDim / 8; ++n) {
    // As many keys as there are, not a constant: this is rare, and unrolled it would be most of the kernel.
    for (int key = 0; key < keys; ++key) {
      ASSAY_UNROLL
      for (int i = 0; i < 4; ++i) {
        const bool finite = is_finite(to_float(shared.values[stage][key][n * 8 + column + i % 2]));
        if (!finite && sees(rows[i / 2].position, first + key, window)) sums.out[n][i] = not_a_number();
      }
    }
  }
  __syncthreads();
  for (int i = thread; i < keys * kDim; i += kTileThreads) {
    T& value = shared.values[stage][i / kDim][i % kDim];
    if (!is_finite(to_float(value))) value = from_float<T>(0);
  }
  __syncthreads();
}

}  // namespace assay::engine::cuda
