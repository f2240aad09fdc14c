// Attention of rows of prompt tokens; see attention.h. Grid: (tiles * kv_heads), the key heads of a tile next to each
// other; kTileThreads threads; shared memory: AttentionShared.
#pragma once

#include "engine/device/cuda/kernels/attention_flash.cuh"

namespace assay::engine::cuda {

template <typename T, int kDim>
__global__ void __launch_bounds__(kTileThreads, kTileBlocks<kDim>)
    attention_prompt_kernel(AttentionPromptParams params) {
  const AttentionInputs& in = params.in;
  const PromptTile tile = params.tiles[static_cast<int>(blockIdx.x) / in.kv_heads];
  const int kv_head = static_cast<int>(blockIdx.x) % in.kv_heads;
  const int group = in.heads / in.kv_heads;
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % kWarp;

  QueryRow rows[2];
  int64_t out_row[2] = {0, 0};  // in rows of head_dim
  ASSAY_UNROLL
  for (int r = 0; r < 2; ++r) {
    const int i = thread / kWarp * 16 + lane / 4 + 8 * r;
    if (i >= tile.rows) continue;
    const int token = (tile.first + i) / group;
    const int head = kv_head * group + (tile.first + i) % group;
    const int64_t row = tile.row + token;
    rows[r] = {in.qkv + (row * (in.heads + 2 * in.kv_heads) + head) * in.head_dim, tile.position + token};
    out_row[r] = row * in.heads + head;
  }
  const int lowest = tile.position + tile.first / group;
  const int highest = tile.position + (tile.first + tile.rows - 1) / group;
  const KeySource<T> keys = key_source<T>(in, kv_head, in.pages + tile.first_page, 0, highest + 1);
  const AttentionSums<kDim> sums =
      attend(shared_as<AttentionShared<T, kDim>>(), keys, score_scale(in), rows, lowest, highest);

  struct alignas(4) Pair {
    T low;
    T high;
  };
  ASSAY_UNROLL
  for (int r = 0; r < 2; ++r) {
    if (rows[r].query == nullptr) continue;
    T* out = static_cast<T*>(params.out) + out_row[r] * in.head_dim;
    const float factor = 1 / sums.sum[r];
    ASSAY_UNROLL
    for (int n = 0; n < kDim / 8; ++n) {
      const int column = n * 8 + lane % 4 * 2;
      const Pair pair{from_float<T>(finite_or_nan(sums.out[n][2 * r] * factor)),
                      from_float<T>(finite_or_nan(sums.out[n][2 * r + 1] * factor))};
      if (in.head_dim % 2 == 0) {
        if (column < in.head_dim) *reinterpret_cast<Pair*>(out + column) = pair;
      } else {
        if (column < in.head_dim) out[column] = pair.low;
        if (column + 1 < in.head_dim) out[column + 1] = pair.high;
      }
    }
  }
}

}  // namespace assay::engine::cuda
