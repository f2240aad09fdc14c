#pragma once

#include "engine/device/cuda/kernels/copy_pages.h"
#include "engine/device/cuda/kernels/vectors.cuh"
#include "engine/device/page.h"

namespace assay::engine::cuda {

inline constexpr int kCopyThreads = 256;

// Grid (copies, 2 kv_heads): the keys or the values of one head.
template <typename T>
__global__ void __launch_bounds__(kCopyThreads) copy_pages_kernel(CopyPagesParams p) {
  const DeviceCopy copy = p.copies[blockIdx.x];
  const int64_t chunk = static_cast<int64_t>(kPageTokens) * p.head_dim;
  T* cache = static_cast<T*>(p.cache);
  const T* from = cache + (copy.from * int64_t{gridDim.y} + blockIdx.y) * chunk;
  T* to = cache + (copy.to * int64_t{gridDim.y} + blockIdx.y) * chunk;
  const int values = copy.tokens * p.head_dim;
  const bool aligned = rows_aligned(cache, chunk);
  for (int first = static_cast<int>(threadIdx.x) * kEight; first < values; first += kCopyThreads * kEight) {
    store_eight(to, first, values, aligned, load_eight(from, first, values, aligned));
  }
}

}  // namespace assay::engine::cuda
