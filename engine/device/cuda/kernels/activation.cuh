#pragma once

#include "engine/device/cuda/kernels/activation.h"
#include "engine/device/cuda/kernels/numbers.cuh"
#include "engine/device/cuda/kernels/vectors.cuh"

namespace assay::engine::cuda {

inline constexpr int kActivationThreads = 256;

// x * sigmoid(s), by the exponential of -|s| alone, which cannot overflow.
__device__ inline float times_sigmoid(float x, float s) {
  const float e = exp_of_nonpositive(s < 0 ? s : -s);
  return x * (s < 0 ? e : 1.0F) / (1.0F + e);
}

struct Silu {
  __device__ static float of(float x) { return times_sigmoid(x, x); }
};

// (1 + tanh(u)) / 2 = sigmoid(2 u), which keeps its digits where tanh(u) is nearly -1.
struct GeluTanh {
  __device__ static float of(float x) {
    constexpr float kTwoRootTwoOverPi = 1.5957691216057308F;
    return times_sigmoid(x, kTwoRootTwoOverPi * x * multiply_add(0.044715F * x, x, 1.0F));
  }
};

// Grid (rows, pieces of kActivationThreads * 8 columns).
template <typename T, typename Activate>
__global__ void __launch_bounds__(kActivationThreads) activation_kernel(ActivationParams p) {
  const int first = static_cast<int>(blockIdx.y * kActivationThreads + threadIdx.x) * kEight;
  if (first >= p.dim) return;
  const int64_t row = blockIdx.x;
  const float* gates = p.gate_up + row * 2 * p.dim;
  const bool aligned = rows_aligned(p.gate_up, p.dim);
  Eight values = load_eight(gates, first, p.dim, aligned);
  const Eight ups = load_eight(gates + p.dim, first, p.dim, aligned);
  ASSAY_UNROLL
  for (int i = 0; i < kEight; ++i) values.at[i] = Activate::of(values.at[i]) * ups.at[i];
  T* out = static_cast<T*>(p.out);
  store_eight(out + row * p.dim, first, p.dim, rows_aligned(out, p.dim), values);
}

}  // namespace assay::engine::cuda
