#pragma once

#include "engine/device/cuda/kernels/reduce.cuh"
#include "engine/device/cuda/kernels/rms_norm.h"
#include "engine/device/cuda/kernels/vectors.cuh"

namespace assay::engine::cuda {

inline constexpr int kRmsNormThreads = 256;

struct RmsNormShared {
  float sums[kRmsNormThreads / 32];
};

// A thread's share of the sum of squares of a row: eight values of every `step`.
__device__ inline float sum_of_squares(const float* x, int begin, int step, int dim, bool aligned) {
  float squares = 0;
  for (int first = begin; first < dim; first += step) {
    const Eight values = load_eight(x, first, dim, aligned);
    ASSAY_UNROLL
    for (int i = 0; i < kEight; ++i) squares = multiply_add(values.at[i], values.at[i], squares);
  }
  return squares;
}

__device__ inline float rms_factor(float squares, int dim, float eps) {
  return inverse_sqrt(squares / static_cast<float>(dim) + eps);
}

// One block a row.
template <typename T>
__global__ void __launch_bounds__(kRmsNormThreads) rms_norm_kernel(RmsNormParams p) {
  RmsNormShared& shared = shared_as<RmsNormShared>();
  const int begin = static_cast<int>(threadIdx.x) * kEight;
  constexpr int kStep = kRmsNormThreads * kEight;
  const float* x = p.x + static_cast<int64_t>(blockIdx.x) * p.dim;
  T* out = static_cast<T*>(p.out) + static_cast<int64_t>(blockIdx.x) * p.dim;
  const bool x_aligned = rows_aligned(p.x, p.dim);
  const float squares = block_sum(sum_of_squares(x, begin, kStep, p.dim, x_aligned), shared.sums);
  const float factor = rms_factor(squares, p.dim, p.eps);

  const bool weight_aligned = rows_aligned(p.weight, 0);
  const bool out_aligned = rows_aligned(static_cast<T*>(p.out), p.dim);
  for (int first = begin; first < p.dim; first += kStep) {
    Eight values = load_eight(x, first, p.dim, x_aligned);
    const Eight weights = load_eight(p.weight, first, p.dim, weight_aligned);
    ASSAY_UNROLL
    for (int i = 0; i < kEight; ++i) values.at[i] = values.at[i] * factor * weights.at[i];
    if (p.add) {
      const Eight before = load_eight(out, first, p.dim, out_aligned);
      ASSAY_UNROLL
      for (int i = 0; i < kEight; ++i) values.at[i] += before.at[i];
    }
    store_eight(out, first, p.dim, out_aligned, values);
  }
}

// One warp a block of a row: heads have 64 to 256 columns. Grid: (ceil(rows * blocks / kRmsNormWarps)).
inline constexpr int kRmsNormWarps = 8;

template <int kWarps>
__global__ void __launch_bounds__(kWarps * 32) rms_norm_blocks_kernel(RmsNormBlocksParams p) {
  const int64_t unit = int64_t{blockIdx.x} * kWarps + threadIdx.x / 32;
  if (unit >= int64_t{p.rows} * p.blocks) return;
  float* x = p.x + unit / p.blocks * p.stride + unit % p.blocks * p.dim;
  const int begin = static_cast<int>(threadIdx.x) % 32 * kEight;
  constexpr int kStep = 32 * kEight;
  const bool aligned = rows_aligned(p.x, p.stride) && rows_aligned(p.x, p.dim);
  float squares = sum_of_squares(x, begin, kStep, p.dim, aligned);
  ASSAY_UNROLL
  for (int lanes = 16; lanes > 0; lanes /= 2) squares += __shfl_xor_sync(0xffffffffU, squares, lanes);
  const float factor = rms_factor(squares, p.dim, p.eps);

  const bool weight_aligned = rows_aligned(p.weight, 0);
  for (int first = begin; first < p.dim; first += kStep) {
    Eight values = load_eight(x, first, p.dim, aligned);
    const Eight weights = load_eight(p.weight, first, p.dim, weight_aligned);
    ASSAY_UNROLL
    for (int i = 0; i < kEight; ++i) values.at[i] = values.at[i] * factor * weights.at[i];
    store_eight(x, first, p.dim, aligned, values);
  }
}

}  // namespace assay::engine::cuda
