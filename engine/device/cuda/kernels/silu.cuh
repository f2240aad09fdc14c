#pragma once

#include "engine/device/cuda/kernels/numbers.cuh"
#include "engine/device/cuda/kernels/silu.h"
#include "engine/device/cuda/kernels/vectors.cuh"

namespace assay::engine::cuda {

inline constexpr int kSiluThreads = 256;

// By the exponential of -|gate| alone, which cannot overflow.
__device__ inline float silu_times(float gate, float up) {
  const float e = exp_of_nonpositive(gate < 0 ? gate : -gate);
  return gate * (gate < 0 ? e : 1.0F) / (1.0F + e) * up;
}

// Grid (rows, pieces of kSiluThreads * 8 columns).
template <typename T>
__global__ void __launch_bounds__(kSiluThreads) silu_kernel(SiluParams p) {
  const int first = static_cast<int>(blockIdx.y * kSiluThreads + threadIdx.x) * kEight;
  if (first >= p.dim) return;
  const int64_t row = blockIdx.x;
  const float* gates = p.gate_up + row * 2 * p.dim;
  const bool aligned = rows_aligned(p.gate_up, p.dim);
  Eight values = load_eight(gates, first, p.dim, aligned);
  const Eight ups = load_eight(gates + p.dim, first, p.dim, aligned);
  ASSAY_UNROLL
  for (int i = 0; i < kEight; ++i) values.at[i] = silu_times(values.at[i], ups.at[i]);
  T* out = static_cast<T*>(p.out);
  store_eight(out + row * p.dim, first, p.dim, rows_aligned(out, p.dim), values);
}

}  // namespace assay::engine::cuda
