#pragma once

#include "engine/device/cuda/kernels/in_place.h"
#include "engine/device/cuda/kernels/vectors.cuh"

namespace assay::engine::cuda {

inline constexpr int kInPlaceThreads = 256;

// Grid of both: (rows, pieces of kInPlaceThreads * 8 columns).
template <int kThreads>
__global__ void __launch_bounds__(kThreads) add_bias_kernel(AddBiasParams p) {
  const int first = static_cast<int>(blockIdx.y * kThreads + threadIdx.x) * kEight;
  if (first >= p.cols) return;
  float* row = p.x + int64_t{blockIdx.x} * p.cols;
  const bool aligned = rows_aligned(p.x, p.cols);
  Eight values = load_eight(row, first, p.cols, aligned);
  const Eight biases = load_eight(p.bias, first, p.cols, rows_aligned(p.bias, 0));
  ASSAY_UNROLL
  for (int i = 0; i < kEight; ++i) values.at[i] += biases.at[i];
  store_eight(row, first, p.cols, aligned, values);
}

template <int kThreads>
__global__ void __launch_bounds__(kThreads) soft_cap_kernel(SoftCapParams p) {
  const int first = static_cast<int>(blockIdx.y * kThreads + threadIdx.x) * kEight;
  if (first >= p.cols) return;
  float* row = p.x + int64_t{blockIdx.x} * p.cols;
  const bool aligned = rows_aligned(p.x, p.cols);
  Eight values = load_eight(row, first, p.cols, aligned);
  ASSAY_UNROLL
  for (int i = 0; i < kEight; ++i) values.at[i] = p.cap * hyperbolic_tangent(values.at[i] / p.cap);
  store_eight(row, first, p.cols, aligned, values);
}

}  // namespace assay::engine::cuda
