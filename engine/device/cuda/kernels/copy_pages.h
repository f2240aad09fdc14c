// Copies between pages of the cache of one layer, for pages that two sequences share up to their middle.
#pragma once

#include <cstddef>
#include <span>

#include "engine/device/cuda/layout.h"

namespace assay::engine::cuda {

// All copies run at once: none may read or write a page that another one writes (independent_copies). Keys and values
// of all heads; T as of the cache.
struct CopyPagesParams {
  void* cache = nullptr;               // of one layer, layout.h
  const DeviceCopy* copies = nullptr;  // (count)
  int count = 0;
  int kv_heads = 0;
  int head_dim = 0;
};

void copy_pages(Stream stream, Type type, const CopyPagesParams& params);

// The copies of a step run in order. How many at the front of `copies` (host memory) may run at once: at least one
// unless there are none.
size_t independent_copies(std::span<const DeviceCopy> copies);

}  // namespace assay::engine::cuda
