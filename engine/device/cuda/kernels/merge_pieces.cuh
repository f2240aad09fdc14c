// A row's result from its pieces, in the order of their positions; see attention.h (Milakov, Gimelshein 2018,
// sec. 3.1). One warp a (row, head); grid: (ceil(row_count * heads / kMergeWarps)); no shared memory.
#pragma once

#include <cmath>

#include "engine/device/cuda/kernels/attention_common.cuh"

namespace assay::engine::cuda {

inline constexpr int kMergeWarps = 4;

template <typename T>
__global__ void __launch_bounds__(kMergeWarps* kWarp) merge_pieces_kernel(MergePiecesParams params) {
  const int64_t unit = static_cast<int64_t>(blockIdx.x) * kMergeWarps + threadIdx.x / kWarp;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  if (unit >= static_cast<int64_t>(params.row_count) * params.heads) return;
  const MergeRow row = params.rows[unit / params.heads];
  const int64_t head = unit % params.heads;

  float max = -infinity();
  for (int piece = 0; piece < row.pieces; ++piece) {
    max = fmaxf(max, params.partials.max[(row.first_partial + int64_t{piece}) * params.heads + head]);
  }
  max = finite_maximum(max);
  constexpr int kColumns = kMaxHeadDim / kWarp;
  float sum = 0;
  float out[kColumns] = {};
  for (int piece = 0; piece < row.pieces; ++piece) {
    const int64_t partial = (row.first_partial + int64_t{piece}) * params.heads + head;
    const float weight = exponential2(params.partials.max[partial] - max);
    sum = multiply_add(weight, params.partials.sum[partial], sum);
    ASSAY_UNROLL
    for (int i = 0; i < kColumns; ++i) {
      const int column = i * kWarp + lane;
      if (column >= params.head_dim) continue;
      out[i] = multiply_add(weight, params.partials.out[partial * params.head_dim + column], out[i]);
    }
  }
  T* to = static_cast<T*>(params.out) + (static_cast<int64_t>(row.row) * params.heads + head) * params.head_dim;
  ASSAY_UNROLL
  for (int i = 0; i < kColumns; ++i) {
    const int column = i * kWarp + lane;
    if (column < params.head_dim) to[column] = from_float<T>(finite_or_nan(out[i] / sum));
  }
}

}  // namespace assay::engine::cuda
