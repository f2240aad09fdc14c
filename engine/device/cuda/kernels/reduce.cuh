// Reductions over a block, in an order that the number of threads alone decides.
#pragma once

#include <cuda_platform.h>

namespace assay::engine::cuda {

// One number of each thread, combined: the lanes of a warp as a butterfly, then the warps in order. All threads call
// and all receive it. `combine` is commutative, so that the lanes of a butterfly agree. `scratch` is shared memory, one
// place a warp; it may be used again at once.
template <int kWarps, typename T, typename Combine>
__device__ inline T block_reduce(T value, T (&scratch)[kWarps], Combine combine) {
  ASSAY_UNROLL
  for (int step = 16; step > 0; step /= 2) value = combine(value, __shfl_xor_sync(0xffffffffU, value, step));
  __syncthreads();  // the reduction before has been read
  if (threadIdx.x % 32 == 0) scratch[threadIdx.x / 32] = value;
  __syncthreads();
  value = scratch[0];
  for (int warp = 1; warp < kWarps; ++warp) value = combine(value, scratch[warp]);
  return value;
}

template <int kWarps, typename T>
__device__ inline T block_sum(T value, T (&scratch)[kWarps]) {
  return block_reduce(value, scratch, [](T a, T b) { return a + b; });
}

}  // namespace assay::engine::cuda
