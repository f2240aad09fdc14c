#pragma once

#include "engine/device/cuda/kernels/rows.h"
#include "engine/device/cuda/kernels/vectors.cuh"

namespace assay::engine::cuda {

inline constexpr int kRowsThreads = 256;

// Grid (rows, pieces of kRowsThreads * 8 columns).
template <typename From, typename To>
__global__ void __launch_bounds__(kRowsThreads) move_rows_kernel(RowsParams p) {
  const int first = static_cast<int>(blockIdx.y * kRowsThreads + threadIdx.x) * kEight;
  if (first >= p.cols) return;
  const int64_t row = blockIdx.x;
  const int64_t source = p.ids == nullptr ? row : p.ids[row];
  const From* all_from = static_cast<const From*>(p.from);
  To* all_to = static_cast<To*>(p.to);
  Eight values = load_eight(all_from + source * p.from_stride, first, p.cols, rows_aligned(all_from, p.from_stride));
  ASSAY_UNROLL
  for (int i = 0; i < kEight; ++i) values.at[i] *= p.scale;
  store_eight(all_to + row * p.to_stride, first, p.cols, rows_aligned(all_to, p.to_stride), values);
}

}  // namespace assay::engine::cuda
