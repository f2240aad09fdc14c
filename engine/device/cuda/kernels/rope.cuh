#pragma once

#include "engine/device/cuda/kernels/rope.h"
#include "engine/device/cuda/kernels/vectors.cuh"
#include "engine/device/page.h"

namespace assay::engine::cuda {

inline constexpr int kRopeThreads = 128;

// First element of a position's key or value in the cache of a layer.
__device__ inline int64_t cache_row(const RopeParams& p, const RowPlace& place, int kv_head, int is_value) {
  const int64_t chunk = (int64_t{place.page} * p.kv_heads + kv_head) * 2 + is_value;
  return (chunk * kPageTokens + place.position % kPageTokens) * p.head_dim;
}

// Pairs first .. first + 7 of one head, read as the upper and the lower half of the head.
struct TurnedPairs {
  Eight upper;
  Eight lower;
};

__device__ inline TurnedPairs turn(const float* head, const float* rotations, int first, int half, bool aligned) {
  const Eight a = load_eight(head, first, half, aligned);
  const Eight b = load_eight(head + half, first, half, aligned);
  const Eight near = load_eight(rotations, 2 * first, 2 * half, aligned);
  const Eight far = load_eight(rotations, 2 * first + kEight, 2 * half, aligned);
  TurnedPairs result;
  ASSAY_UNROLL
  for (int i = 0; i < kEight; ++i) {
    const float cosine = i < 4 ? near.at[2 * i % 8] : far.at[2 * i % 8];
    const float sine = i < 4 ? near.at[2 * i % 8 + 1] : far.at[2 * i % 8 + 1];
    result.upper.at[i] = a.at[i] * cosine - b.at[i] * sine;
    result.lower.at[i] = b.at[i] * cosine + a.at[i] * sine;
  }
  return result;
}

// One block a row. Its work: eight pairs of a query or key head, or eight values, at a time.
template <typename T>
__global__ void __launch_bounds__(kRopeThreads) rope_and_cache_kernel(RopeParams p) {
  const RowPlace place = p.places[blockIdx.x];
  const int half = p.head_dim / 2;
  float* row = p.qkv + static_cast<int64_t>(blockIdx.x) * (p.heads + 2 * p.kv_heads) * p.head_dim;
  const float* rotations = p.rotations + static_cast<int64_t>(place.position) * p.head_dim;
  T* cache = static_cast<T*>(p.cache);
  // Half a head and a whole one, and the same in the cache, begin at multiples of 16 bytes; so do the rotations.
  const bool aligned =
      half % kEight == 0 && rows_aligned(p.qkv, 0) && rows_aligned(p.rotations, 0) && rows_aligned(cache, 0);

  const int per_head = (half + kEight - 1) / kEight;
  const int turns = (p.heads + p.kv_heads) * per_head;
  for (int work = static_cast<int>(threadIdx.x); work < turns; work += kRopeThreads) {
    const int head = work / per_head;
    const int first = work % per_head * kEight;
    float* at = row + head * p.head_dim;
    const TurnedPairs pairs = turn(at, rotations, first, half, aligned);
    if (head < p.heads) {
      store_eight(at, first, half, aligned, pairs.upper);
      store_eight(at + half, first, half, aligned, pairs.lower);
    } else {
      T* key = cache + cache_row(p, place, head - p.heads, 0);
      store_eight(key, first, half, aligned, pairs.upper);
      store_eight(key + half, first, half, aligned, pairs.lower);
    }
  }

  const float* values = row + (p.heads + p.kv_heads) * p.head_dim;
  const int per_value = (p.head_dim + kEight - 1) / kEight;
  for (int work = static_cast<int>(threadIdx.x); work < p.kv_heads * per_value; work += kRopeThreads) {
    const int head = work / per_value;
    const int first = work % per_value * kEight;
    const Eight eight = load_eight(values + head * p.head_dim, first, p.head_dim, aligned);
    store_eight(cache + cache_row(p, place, head, 1), first, p.head_dim, aligned, eight);
  }
}

}  // namespace assay::engine::cuda
