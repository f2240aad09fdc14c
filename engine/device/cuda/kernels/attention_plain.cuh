// Attention of any row in f32, without tensor cores; see attention.h. One warp a (row, head), page by page: lanes first
// over the 32 positions of a page, then over head_dim. Grid: (ceil(row_count * heads / kPlainWarps)); shared memory:
// PlainShared. The keys are cut at pages for prompt and generated rows alike, so both have the same bits.
#pragma once

#include <cmath>

#include "engine/device/cuda/kernels/attention_common.cuh"

namespace assay::engine::cuda {

inline constexpr int kPlainWarps = 4;
static_assert(kPageTokens == kWarp, "a lane has one position of a page");

struct PlainShared {
  float queries[kPlainWarps][kMaxHeadDim];
};

__device__ inline float warp_max(float x) {
  ASSAY_UNROLL
  for (int distance = 16; distance > 0; distance /= 2) x = fmaxf(x, __shfl_xor_sync(kWholeWarp, x, distance));
  return x;
}

__device__ inline float warp_sum(float x) {
  ASSAY_UNROLL
  for (int distance = 16; distance > 0; distance /= 2) x += __shfl_xor_sync(kWholeWarp, x, distance);
  return x;
}

// The product over head_dim, in order.
__device__ inline float plain_score(const float* query, const float* key, int head_dim) {
  struct alignas(16) Four {
    float x[4];
  };
  float score = 0;
  if (head_dim % 4 != 0) {
    for (int d = 0; d < head_dim; ++d) score = multiply_add(query[d], key[d], score);
    return score;
  }
  for (int d = 0; d < head_dim; d += 4) {
    const Four four = *reinterpret_cast<const Four*>(key + d);
    ASSAY_UNROLL
    for (int i = 0; i < 4; ++i) score = multiply_add(query[d + i], four.x[i], score);
  }
  return score;
}

// Four blocks a multiprocessor: without a number the compiler spares registers that nobody needs, and spills.
__global__ void __launch_bounds__(kPlainWarps* kWarp, 4) attention_plain_kernel(AttentionPlainParams params) {
  const AttentionInputs& in = params.in;
  const int64_t unit = static_cast<int64_t>(blockIdx.x) * kPlainWarps + threadIdx.x / kWarp;
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  if (unit >= static_cast<int64_t>(params.row_count) * in.heads) return;
  const PlainRow row = params.rows[unit / in.heads];
  const int head = static_cast<int>(unit % in.heads);
  const int kv_head = head / (in.heads / in.kv_heads);
  const ScoreScale scale = score_scale(in);

  float* query = shared_as<PlainShared>().queries[threadIdx.x / kWarp];
  const float* from = in.qkv + (static_cast<int64_t>(row.row) * (in.heads + 2 * in.kv_heads) + head) * in.head_dim;
  for (int d = lane; d < in.head_dim; d += kWarp) query[d] = from[d];
  __syncwarp();

  constexpr int kColumns = kMaxHeadDim / kWarp;
  const int64_t half_page = int64_t{kPageTokens} * in.head_dim;
  float max = -infinity();
  float sum = 0;
  float out[kColumns] = {};
  const int lowest_seen = in.window > 0 && row.position >= in.window ? row.position + 1 - in.window : 0;
  for (int first = lowest_seen / kPageTokens * kPageTokens; first <= row.position; first += kPageTokens) {
    const int64_t page = in.pages[row.first_page + first / kPageTokens];
    const float* keys = static_cast<const float*>(in.cache) + (page * in.kv_heads + kv_head) * 2 * half_page;
    float score = -infinity();
    if (sees(row.position, first + lane, in.window)) {
      score = plain_score(query, keys + lane * in.head_dim, in.head_dim);
      if (scale.soft_cap > 0) score = cap_score(score, scale);
    }
    const float new_max = fmaxf(max, warp_max(score));
    const float correction = max == new_max ? 1 : exponential2((max - new_max) * scale.to_exponent);
    const float weight = exponential2((score - finite_maximum(new_max)) * scale.to_exponent);
    max = new_max;
    sum = multiply_add(sum, correction, warp_sum(weight));
    ASSAY_UNROLL
    for (int i = 0; i < kColumns; ++i) out[i] *= correction;
    const float* values = keys + half_page;
    const int begin = lowest_seen > first ? lowest_seen - first : 0;
    const int end = row.position - first < kPageTokens ? row.position - first + 1 : kPageTokens;
    for (int key = begin; key < end; ++key) {
      const float key_weight = __shfl_sync(kWholeWarp, weight, key);
      ASSAY_UNROLL
      for (int i = 0; i < kColumns; ++i) {
        const int column = i * kWarp + lane;
        if (column < in.head_dim) out[i] = multiply_add(key_weight, values[key * in.head_dim + column], out[i]);
      }
    }
  }
  float* to = params.out + (static_cast<int64_t>(row.row) * in.heads + head) * in.head_dim;
  ASSAY_UNROLL
  for (int i = 0; i < kColumns; ++i) {
    const int column = i * kWarp + lane;
    if (column < in.head_dim) to[column] = finite_or_nan(out[i] / sum);
  }
}

}  // namespace assay::engine::cuda
