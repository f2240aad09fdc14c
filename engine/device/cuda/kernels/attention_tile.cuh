// Types that the tiled attention kernels share: a block of kAttentionRows rows that meets its keys tile by tile.
//
// A warp has 16 rows. Of the fragments of mma_m16n8k16 a lane = 4 g + t holds rows g and g + 8, so a lane knows two
// rows, number r = 0 and 1 in all arrays of two.
#pragma once

#include "engine/device/cuda/kernels/attention_common.cuh"

namespace assay::engine::cuda {

inline constexpr int kTileWarps = kAttentionRows / 16;
inline constexpr int kTileThreads = kTileWarps * kWarp;
// Blocks on a multiprocessor, said to the compiler: without a number it spares registers that nobody needs, and spills.
template <int kDim>
inline constexpr int kTileBlocks = kDim == 64 ? 3 : 2;

// Keys of a tile, a function of the size of the head alone: it is part of a row's arithmetic. Heads beyond 128
// dimensions have half of it, and keep their queries in shared memory, so that two blocks fit a multiprocessor.
template <int kDim>
inline constexpr int kTileKeys = kDim <= 128 ? 64 : 32;
template <int kDim>
inline constexpr bool kQueriesInRegisters = kDim <= 128;

// Rows of kDim + 8 elements: those that ldmatrix reads together lie in different banks. Columns beyond head_dim are 0.
template <typename T, int kDim>
struct alignas(16) AttentionShared {
  static constexpr int kParkedLanes = kQueriesInRegisters<kDim> ? 1 : kTileThreads;

  struct alignas(16) Fragment {
    uint32_t registers[4];
  };

  T keys[2][kTileKeys<kDim>][kDim + 8];
  T values[2][kTileKeys<kDim>][kDim + 8];
  Fragment queries[kDim / 16][kParkedLanes];  // [step of 16 dimensions][thread], if not in registers
  int not_finite[kTileWarps];
};

struct QueryRow {
  const float* query = nullptr;  // (head_dim); null: a row that only fills the tile up
  int position = -1;             // the last one that it sees
};

// Where the keys of a block lie.
template <typename T>
struct KeySource {
  const T* cache = nullptr;        // keys of page 0 of the key head; values follow after kPageTokens rows
  int64_t page_stride = 0;         // elements
  const int32_t* pages = nullptr;  // of position `begin` and those after it
  int begin = 0;                   // a multiple of kTileKeys
  int end = 0;                     // no row sees it or what follows it
  int head_dim = 0;
  bool aligned = false;  // rows begin at multiples of 16 bytes
};

template <typename T>
__device__ KeySource<T> key_source(const AttentionInputs& in, int kv_head, const int32_t* pages, int begin, int end) {
  const int64_t head_stride = int64_t{2} * kPageTokens * in.head_dim;
  const T* cache = static_cast<const T*>(in.cache) + kv_head * head_stride;
  return {cache, in.kv_heads * head_stride, pages, begin, end, in.head_dim, in.head_dim % 8 == 0};
}

// What a lane has of the sums of its two rows: out[n][2 r + h] is column 8 n + 2 t + h of row r. `sum` is that of the
// lane's own columns of the scores.
template <int kDim>
struct AttentionSums {
  float out[kDim / 8][4];
  float max[2];  // of the scores as the products gave them
  float sum[2];
};

}  // namespace assay::engine::cuda
