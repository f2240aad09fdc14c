// Rotary positions and the write to the paged cache. Su et al. 2021, eq. 34.
#pragma once

#include <cstdint>

#include "engine/device/cuda/layout.h"

namespace assay::engine::cuda {

// Where the token of one row of a step stands: its position in its sequence, and the cache page of that position.
struct RowPlace {
  int32_t position = 0;
  int32_t page = 0;
};

// qkv (rows, (heads + 2 kv_heads) * head_dim; f32): queries are turned in place by their position, keys are turned and
// go, as the values do, to their place in the cache of one layer (layout.h; T); the keys and values of qkv stay as they
// are. Pairs (i, i + head_dim / 2) are turned by the angle whose cosine and sine are
// rotations[position][i] (positions, head_dim / 2, 2; f32). No two rows have the same place.
struct RopeParams {
  float* qkv = nullptr;
  const RowPlace* places = nullptr;  // (rows)
  const float* rotations = nullptr;
  void* cache = nullptr;
  int rows = 0;
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;  // even
};

void rope_and_cache(Stream stream, Type type, const RopeParams& params);

}  // namespace assay::engine::cuda
