#pragma once

#include "engine/device/cuda/kernels/reduce.cuh"
#include "engine/device/cuda/kernels/rms_norm.h"
#include "engine/device/cuda/kernels/vectors.cuh"

namespace assay::engine::cuda {

inline constexpr int kRmsNormThreads = 256;

struct RmsNormShared {
  float sums[kRmsNormThreads / 32];
};

// One block a row.
template <typename T>
__global__ void __launch_bounds__(kRmsNormThreads) rms_norm_kernel(RmsNormParams p) {
  RmsNormShared& shared = shared_as<RmsNormShared>();
  const int begin = static_cast<int>(threadIdx.x) * kEight;
  constexpr int kStep = kRmsNormThreads * kEight;
  const float* x = p.x + static_cast<int64_t>(blockIdx.x) * p.dim;
  T* out = static_cast<T*>(p.out) + static_cast<int64_t>(blockIdx.x) * p.dim;
  const bool x_aligned = rows_aligned(p.x, p.dim);

  float squares = 0;
  for (int first = begin; first < p.dim; first += kStep) {
    const Eight values = load_eight(x, first, p.dim, x_aligned);
    ASSAY_UNROLL
    for (int i = 0; i < kEight; ++i) squares = multiply_add(values.at[i], values.at[i], squares);
  }
  const float mean = block_sum(squares, shared.sums) / static_cast<float>(p.dim);
  const float factor = inverse_sqrt(mean + p.eps);

  const bool weight_aligned = rows_aligned(p.weight, 0);
  const bool out_aligned = rows_aligned(static_cast<T*>(p.out), p.dim);
  for (int first = begin; first < p.dim; first += kStep) {
    Eight values = load_eight(x, first, p.dim, x_aligned);
    const Eight weights = load_eight(p.weight, first, p.dim, weight_aligned);
    ASSAY_UNROLL
    for (int i = 0; i < kEight; ++i) values.at[i] = values.at[i] * factor * (weights.at[i] + p.weight_offset);
    store_eight(out, first, p.dim, out_aligned, values);
  }
}

}  // namespace assay::engine::cuda
