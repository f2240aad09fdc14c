#pragma once

#include "engine/device/cuda/kernels/combine_places.h"
#include "engine/device/cuda/kernels/vectors.cuh"

namespace assay::engine::cuda {

inline constexpr int kCombineThreads = 256;

// Grid (rows, pieces of kCombineThreads * 8 columns).
template <int kThreads>
__global__ void __launch_bounds__(kThreads) combine_places_kernel(CombinePlacesParams p) {
  const int first = static_cast<int>(blockIdx.y * kThreads + threadIdx.x) * kEight;
  if (first >= p.cols) return;
  const int64_t row_choices = int64_t{blockIdx.x} * p.choices;
  const bool x_aligned = rows_aligned(p.x, p.cols);
  Eight sums{};
  for (int choice = 0; choice < p.choices; ++choice) {
    const int64_t place = p.places[row_choices + choice];
    const float weight = p.weights[row_choices + choice];
    const Eight values = load_eight(p.x + place * p.cols, first, p.cols, x_aligned);
    ASSAY_UNROLL
    for (int i = 0; i < kEight; ++i) sums.at[i] = multiply_add(weight, values.at[i], sums.at[i]);
  }
  float* out = p.out + int64_t{blockIdx.x} * p.cols;
  const bool out_aligned = rows_aligned(p.out, p.cols);
  const Eight before = load_eight(out, first, p.cols, out_aligned);
  ASSAY_UNROLL
  for (int i = 0; i < kEight; ++i) sums.at[i] += before.at[i];
  store_eight(out, first, p.cols, out_aligned, sums);
}

}  // namespace assay::engine::cuda
