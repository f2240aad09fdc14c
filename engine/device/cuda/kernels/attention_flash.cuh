// The loop of the tiled attention kernels: kAttentionRows rows against keys begin .. end - 1 of one key head, on tensor
// cores. FlashAttention-2 (Dao 2023, alg. 1); scores and weights of a tile stay in registers.
#pragma once

#include <cmath>

#include "engine/device/cuda/kernels/attention_hide.cuh"
#include "engine/device/cuda/kernels/attention_load.cuh"
#include "engine/device/cuda/kernels/attention_tile.cuh"

namespace assay::engine::cuda {

// scores (16, kTileKeys) = queries * keys^T of a warp; scores[n][2 r + h]: key 8 n + 2 t + h.
template <typename T, int kDim, int kSteps>
__device__ void multiply_keys(const AttentionShared<T, kDim>& shared, int stage, const uint32_t (&queries)[kSteps][4],
                              float (&scores)[kTileKeys<kDim> / 8][4]) {
  const int thread = static_cast<int>(threadIdx.x);
  const int lane = thread % kWarp;
  const int row = lane % 8 + lane / 16 * 8;
  const int column = lane / 8 % 2 * 8;
  ASSAY_UNROLL
  for (int n = 0; n < kTileKeys<kDim> / 8; ++n) {
    ASSAY_UNROLL
    for (int i = 0; i < 4; ++i) scores[n][i] = 0;
  }
  ASSAY_UNROLL
  for (int step = 0; step < kDim / 16; ++step) {
    uint32_t a[4];
    if constexpr (kQueriesInRegisters<kDim>) {
      ASSAY_UNROLL
      for (int j = 0; j < 4; ++j) a[j] = queries[step][j];
    } else {
      const auto parked = shared.queries[step][thread];
      ASSAY_UNROLL
      for (int j = 0; j < 4; ++j) a[j] = parked.registers[j];
    }
    ASSAY_UNROLL
    for (int n = 0; n < kTileKeys<kDim> / 16; ++n) {
      uint32_t keys[4];
      ldmatrix_x4(keys, &shared.keys[stage][n * 16 + row][step * 16 + column]);
      mma_m16n8k16<T>(scores[2 * n], a, {keys[0], keys[1]});
      mma_m16n8k16<T>(scores[2 * n + 1], a, {keys[2], keys[3]});
    }
  }
}

template <int kKeys>
__device__ void cap_scores(const ScoreScale& scale, float (&scores)[kKeys / 8][4]) {
  ASSAY_UNROLL
  for (int n = 0; n < kKeys / 8; ++n) {
    ASSAY_UNROLL
    for (int i = 0; i < 4; ++i) scores[n][i] = cap_score(scores[n][i], scale);
  }
}

template <int kKeys>
__device__ void mask_scores(const QueryRow (&rows)[2], int first, int window, float (&scores)[kKeys / 8][4]) {
  const int t = static_cast<int>(threadIdx.x) % 4;
  ASSAY_UNROLL
  for (int n = 0; n < kKeys / 8; ++n) {
    ASSAY_UNROLL
    for (int i = 0; i < 4; ++i) {
      if (!sees(rows[i / 2].position, first + n * 8 + 2 * t + i % 2, window)) scores[n][i] = -infinity();
    }
  }
}

// Scores become weights relative to the new maximum, and the old sums are brought to it. A row that sees nothing of the
// tile keeps its bits: correction 1, weights 0.
template <int kDim, int kKeys>
__device__ void softmax_step(const ScoreScale& scale, float (&scores)[kKeys / 8][4], AttentionSums<kDim>& sums) {
  ASSAY_UNROLL
  for (int r = 0; r < 2; ++r) {
    float max = sums.max[r];
    ASSAY_UNROLL
    for (int n = 0; n < kKeys / 8; ++n) max = fmaxf(max, fmaxf(scores[n][2 * r], scores[n][2 * r + 1]));
    max = fmaxf(max, __shfl_xor_sync(kWholeWarp, max, 1));
    max = fmaxf(max, __shfl_xor_sync(kWholeWarp, max, 2));
    const float correction = max == sums.max[r] ? 1 : exponential2((sums.max[r] - max) * scale.to_exponent);
    const float minus_max = -finite_maximum(max * scale.to_exponent);
    float sum = 0;
    ASSAY_UNROLL
    for (int n = 0; n < kKeys / 8; ++n) {
      ASSAY_UNROLL
      for (int h = 0; h < 2; ++h) {
        float& score = scores[n][2 * r + h];
        score = exponential2(multiply_add(score, scale.to_exponent, minus_max));
        sum += score;
      }
    }
    sums.max[r] = max;
    sums.sum[r] = multiply_add(sums.sum[r], correction, sum);
    ASSAY_UNROLL
    for (int n = 0; n < kDim / 8; ++n) {
      sums.out[n][2 * r] *= correction;
      sums.out[n][2 * r + 1] *= correction;
    }
  }
}

// out (16, kDim) += weights (16, kTileKeys) * values of a warp
template <typename T, int kDim>
__device__ void multiply_values(const AttentionShared<T, kDim>& shared, int stage,
                                const float (&weights)[kTileKeys<kDim> / 8][4], AttentionSums<kDim>& sums) {
  const int lane = static_cast<int>(threadIdx.x) % kWarp;
  ASSAY_UNROLL
  for (int step = 0; step < kTileKeys<kDim> / 16; ++step) {
    const float(&c)[4] = weights[2 * step];
    const float(&d)[4] = weights[2 * step + 1];
    const uint32_t a[4] = {pack<T>(c[0], c[1]), pack<T>(c[2], c[3]), pack<T>(d[0], d[1]), pack<T>(d[2], d[3])};
    ASSAY_UNROLL
    for (int n = 0; n < kDim / 16; ++n) {
      uint32_t values[4];
      ldmatrix_x4_trans(values, &shared.values[stage][step * 16 + lane % 16][n * 16 + lane / 16 * 8]);
      mma_m16n8k16<T>(sums.out[2 * n], a, {values[0], values[1]});
      mma_m16n8k16<T>(sums.out[2 * n + 1], a, {values[2], values[3]});
    }
  }
}

// The sums of the rows over all keys that they see of from.begin .. from.end - 1. `lowest`, `highest`: the positions of
// those of the block's rows that have a query. The whole block calls it.
template <typename T, int kDim>
__device__ AttentionSums<kDim> attend(AttentionShared<T, kDim>& shared, const KeySource<T>& from,
                                      const ScoreScale& scale, const QueryRow (&rows)[2], int lowest, int highest) {
  constexpr int kKeys = kTileKeys<kDim>;
  constexpr int kSteps = kQueriesInRegisters<kDim> ? kDim / 16 : 1;
  uint32_t queries[kSteps][4];
  ASSAY_UNROLL
  for (int step = 0; step < kDim / 16; ++step) {
    if constexpr (kQueriesInRegisters<kDim>) {
      query_fragment<T>(rows, step, from.head_dim, queries[step]);
    } else {
      query_fragment<T>(rows, step, from.head_dim, shared.queries[step][threadIdx.x].registers);
    }
  }
  AttentionSums<kDim> sums;
  ASSAY_UNROLL
  for (int n = 0; n < kDim / 8; ++n) {
    ASSAY_UNROLL
    for (int i = 0; i < 4; ++i) sums.out[n][i] = 0;
  }
  ASSAY_UNROLL
  for (int r = 0; r < 2; ++r) {
    sums.max[r] = -infinity();
    sums.sum[r] = 0;
  }
  int last = rows[0].position > rows[1].position ? rows[0].position : rows[1].position;  // that the warp sees
  ASSAY_UNROLL
  for (int distance = 16; distance > 0; distance /= 2) {
    const int other = __shfl_xor_sync(kWholeWarp, last, distance);
    last = other > last ? other : last;
  }

  int first = from.begin;
  const int lowest_seen = scale.window > 0 ? lowest + 1 - scale.window : 0;
  if (lowest_seen > first) first += (lowest_seen - first) / kKeys * kKeys;
  if (first < from.end) load_keys(shared, 0, from, first);
  for (int stage = 0; first < from.end; first += kKeys, stage = 1 - stage) {
    cp_async_wait<0>();
    // The tile has arrived for all, and all are done with the one before it.
    __syncthreads();
    if (first + kKeys < from.end) load_keys(shared, 1 - stage, from, first + kKeys);
    const bool masked = first + kKeys - 1 > lowest || (scale.window > 0 && first <= highest - scale.window);
    if (masked) {
      const int keys = from.end - first < kKeys ? from.end - first : kKeys;
      hide_not_finite(shared, stage, rows, first, keys, scale.window, sums);
    }
    if (first > last) continue;
    float scores[kKeys / 8][4];
    multiply_keys(shared, stage, queries, scores);
    if (scale.soft_cap > 0) cap_scores<kKeys>(scale, scores);
    if (masked) mask_scores<kKeys>(rows, first, scale.window, scores);
    softmax_step<kDim, kKeys>(scale, scores, sums);
    multiply_values(shared, stage, scores, sums);
  }
  ASSAY_UNROLL
  for (int r = 0; r < 2; ++r) {
    sums.sum[r] += __shfl_xor_sync(kWholeWarp, sums.sum[r], 1);
    sums.sum[r] += __shfl_xor_sync(kWholeWarp, sums.sum[r], 2);
  }
  return sums;
}

}  // namespace assay::engine::cuda
