// Queries, keys and values on their way into registers and shared memory.
#pragma once

#include "engine/device/cuda/kernels/attention_tile.cuh"

namespace assay::engine::cuda {

// Four threads share a row, so that one pass of the block loads one page and a thread keeps one row of it.
inline constexpr int kRowThreads = kTileThreads / kPageTokens;

// One page's rows of keys and values to row `row` and those after it of the stage. `page`: its keys; rows from `rows`
// on and columns beyond head_dim become 0.
template <typename T, int kDim>
__device__ void load_page(AttentionShared<T, kDim>& shared, int stage, int first_row, const T* page, int rows,
                          int head_dim, bool aligned) {
  const int row = static_cast<int>(threadIdx.x) / kRowThreads;
  const int lane = static_cast<int>(threadIdx.x) % kRowThreads;
  const T* keys = page + row * head_dim;
  const T* values = keys + kPageTokens * head_dim;
  T* to_keys = shared.keys[stage][first_row + row];
  T* to_values = shared.values[stage][first_row + row];
  if (aligned) {
    ASSAY_UNROLL
    for (int n = 0; n < kDim / (8 * kRowThreads); ++n) {
      const int column = (n * kRowThreads + lane) * 8;
      const bool valid = row < rows && column < head_dim;
      cp_async_16(to_keys + column, keys + column, valid);
      cp_async_16(to_values + column, values + column, valid);
    }
    return;
  }
  for (int column = lane; column < kDim; column += kRowThreads) {
    const bool valid = row < rows && column < head_dim;
    to_keys[column] = valid ? keys[column] : from_float<T>(0);
    to_values[column] = valid ? values[column] : from_float<T>(0);
  }
}

// The keys and values of positions first .. first + kTileKeys - 1, zeros from `end` on. They are there after
// cp_async_wait and a barrier.
template <typename T, int kDim>
__device__ void load_keys(AttentionShared<T, kDim>& shared, int stage, const KeySource<T>& from, int first) {
  static_assert(kTileKeys<kDim> % kPageTokens == 0);
  ASSAY_UNROLL
  for (int n = 0; n < kTileKeys<kDim> / kPageTokens; ++n) {
    const int begin = first + n * kPageTokens;
    // A page without a position that counts may have no entry in the table.
    const int64_t page = begin < from.end ? from.pages[(begin - from.begin) / kPageTokens] : 0;
    load_page(shared, stage, n * kPageTokens, from.cache + page * from.page_stride, from.end - begin, from.head_dim,
              from.aligned);
  }
  cp_async_commit();
}

struct alignas(8) FloatPair {
  float low;
  float high;
};

// Elements `column` and the next of a query, zeros beyond head_dim.
__device__ inline FloatPair query_pair(const QueryRow& row, int column, int head_dim) {
  FloatPair pair{0, 0};
  if (row.query == nullptr || column >= head_dim) return pair;
  if (head_dim % 2 == 0) return *reinterpret_cast<const FloatPair*>(row.query + column);
  pair.low = row.query[column];
  if (column + 1 < head_dim) pair.high = row.query[column + 1];
  return pair;
}

// The fragment a (16 rows, 16 dimensions from 16 * step on) of the queries of a warp.
template <typename T>
__device__ void query_fragment(const QueryRow (&rows)[2], int step, int head_dim, uint32_t (&a)[4]) {
  const int t = static_cast<int>(threadIdx.x) % 4;
  ASSAY_UNROLL
  for (int j = 0; j < 4; ++j) {
    const FloatPair pair = query_pair(rows[j % 2], step * 16 + 2 * t + j / 2 * 8, head_dim);
    a[j] = pack<T>(pair.low, pair.high);
  }
}

}  // namespace assay::engine::cuda
