// Attention of rows of generated tokens over one piece of their keys; see attention.h. Grid: (items * kv_heads), the
// key heads of an item next to each other; kTileThreads threads; shared memory: AttentionShared.
//
// With few rows one warp multiplies and the others help to load: the time goes into reading the cache.
#pragma once

#include "engine/device/cuda/kernels/attention_flash.cuh"

namespace assay::engine::cuda {

template <typename T, int kDim>
__global__ void __launch_bounds__(kTileThreads, kTileBlocks<kDim>)
    attention_pieces_kernel(AttentionPiecesParams params) {
  const AttentionInputs& in = params.in;
  const PieceItem item = params.items[static_cast<int>(blockIdx.x) / in.kv_heads];
  const int kv_head = static_cast<int>(blockIdx.x) % in.kv_heads;
  const int group = in.heads / in.kv_heads;
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % kWarp;
  if (item.rows == 0) return;

  QueryRow rows[2];
  int64_t partial[2] = {0, 0};  // with the head
  ASSAY_UNROLL
  for (int r = 0; r < 2; ++r) {
    const int i = thread / kWarp * 16 + lane / 4 + 8 * r;
    if (i >= item.rows) continue;
    const PieceRow row = params.rows[item.first_row + (item.first + i) / group];
    const int head = kv_head * group + (item.first + i) % group;
    const int64_t query = static_cast<int64_t>(row.row) * (in.heads + 2 * in.kv_heads) + head;
    rows[r] = {in.qkv + query * in.head_dim, row.position};
    partial[r] = static_cast<int64_t>(row.partial) * in.heads + head;
  }
  const KeySource<T> keys = key_source<T>(in, kv_head, in.pages + item.first_page, item.begin, item.end);
  const ScoreScale scale = score_scale(in);
  const AttentionSums<kDim> sums =
      attend(shared_as<AttentionShared<T, kDim>>(), keys, scale, rows, item.lowest, item.highest);

  ASSAY_UNROLL
  for (int r = 0; r < 2; ++r) {
    if (rows[r].query == nullptr) continue;
    if (lane % 4 == 0) {
      params.partials.max[partial[r]] = sums.max[r] * scale.to_exponent;
      params.partials.sum[partial[r]] = sums.sum[r];
    }
    float* out = params.partials.out + partial[r] * in.head_dim;
    ASSAY_UNROLL
    for (int n = 0; n < kDim / 8; ++n) {
      const int column = n * 8 + lane % 4 * 2;
      if (in.head_dim % 2 == 0) {
        if (column < in.head_dim) {
          *reinterpret_cast<FloatPair*>(out + column) = {sums.out[n][2 * r], sums.out[n][2 * r + 1]};
        }
      } else {
        if (column < in.head_dim) out[column] = sums.out[n][2 * r];
        if (column + 1 < in.head_dim) out[column + 1] = sums.out[n][2 * r + 1];
      }
    }
  }
}

}  // namespace assay::engine::cuda
