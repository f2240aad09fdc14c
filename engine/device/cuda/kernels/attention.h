// Causal attention with grouped queries over the paged cache: what its four kernels take, and the functions that launch
// them. Plain C++; engine/device/cuda/attention_plan.h makes the lists of work.
//
// Rows of prompt tokens: attention_prompt. Rows of generated tokens: attention_pieces, then merge_pieces. In f32 both:
// attention_plain. All pointers are device memory.
//
// Numbers. For T = Bf16 or F16, queries are rounded to T, as keys and values are in the cache; products are summed in
// f32; scores and softmax (base 2, online: Milakov, Gimelshein 2018, alg. 3) are f32; weights are rounded to T for the
// product with the values (Dao 2023, alg. 1).
//
// Batch invariance. The keys of a row are reduced tile by tile, cut at fixed positions counted from the start of the
// sequence; a tile that a row does not see leaves its sums as they are, bit for bit, even where what it must not see is
// NaN or infinite. A value that is not finite makes NaN of its column in the rows that see it.
#pragma once

#include <cstdint>

#include "engine/device/cuda/layout.h"

namespace assay::engine::cuda {

inline constexpr int kMaxHeadDim = 256;
// Rows of one block; a row is a (token, query head of the group), token-major.
inline constexpr int kAttentionRows = 64;

struct AttentionInputs {
  const float* qkv = nullptr;      // (rows, (heads + 2 * kv_heads) * head_dim), queries already turned
  const void* cache = nullptr;     // of one layer, elements of T (layout.h)
  const int32_t* pages = nullptr;  // the step's page tables, one after the other
  int heads = 0;                   // a multiple of kv_heads
  int kv_heads = 0;
  int head_dim = 0;    // 1 .. kMaxHeadDim
  float scale = 0;     // of q * k, positive
  float soft_cap = 0;  // positive: score = soft_cap * tanh(score / soft_cap), before the mask (Gemma 2 report, sec. 2)
  int window = 0;      // positive: position i sees i - window + 1 .. i (Mistral 7B report, sec. 2)
};

// --- rows of prompt tokens

// Up to kAttentionRows rows of one segment: row i is token (first + i) / group of the segment and query head (first +
// i) % group of the key head.
struct PromptTile {
  int32_t row = 0;         // in qkv, of the segment's first token
  int32_t position = 0;    // of the segment's first token
  int32_t first_page = 0;  // in `pages`, of position 0
  int32_t first = 0;
  int32_t rows = 0;
};

struct AttentionPromptParams {
  AttentionInputs in;
  const PromptTile* tiles = nullptr;  // (tile_count)
  int tile_count = 0;
  void* out = nullptr;  // (rows, heads * head_dim), elements of T; rows outside the tiles are left alone
};

// kBf16 or kF16.
void attention_prompt(Stream stream, Type type, const AttentionPromptParams& params);

// --- rows of generated tokens

// A row's share of one piece goes to partial number `partial`.
struct PieceRow {
  int32_t row = 0;  // in qkv
  int32_t position = 0;
  int32_t partial = 0;
};

// Keys begin .. end - 1 of a piece (begin is a multiple of kPieceTokens) and up to kAttentionRows rows that read them
// from the same pages: row i is token rows[first_row + (first + i) / group], query head (first + i) % group. One
// without rows does nothing.
struct PieceItem {
  int32_t first_page = 0;  // in `pages`, of position `begin`
  int32_t begin = 0;
  int32_t end = 0;     // positions below it are seen by some of the rows
  int32_t lowest = 0;  // position of a row
  int32_t highest = 0;
  int32_t first_row = 0;
  int32_t first = 0;
  int32_t rows = 0;
};

// What a row has of each of its pieces: sum = sum(2^(s - max)) and out = sum(2^(s - max) * v) over the keys of the
// piece, scores s in base 2. A piece of which a row sees nothing has max -infinity and zeros.
struct PiecePartials {
  float* max = nullptr;  // (partials, heads)
  float* sum = nullptr;  // (partials, heads)
  float* out = nullptr;  // (partials, heads, head_dim)
};

struct AttentionPiecesParams {
  AttentionInputs in;
  const PieceItem* items = nullptr;  // (item_count)
  int item_count = 0;
  const PieceRow* rows = nullptr;
  PiecePartials partials;
};

// kBf16 or kF16.
void attention_pieces(Stream stream, Type type, const AttentionPiecesParams& params);

// The partials of `row` are `pieces` ones from first_partial on, in the order of their positions.
struct MergeRow {
  int32_t row = 0;  // in out
  int32_t first_partial = 0;
  int32_t pieces = 0;
};

struct MergePiecesParams {
  PiecePartials partials;
  const MergeRow* rows = nullptr;  // (row_count)
  int row_count = 0;
  int heads = 0;
  int head_dim = 0;
  void* out = nullptr;  // (rows, heads * head_dim), elements of T
};

void merge_pieces(Stream stream, Type type, const MergePiecesParams& params);

// --- any row, f32

struct PlainRow {
  int32_t row = 0;  // in qkv and out
  int32_t position = 0;
  int32_t first_page = 0;  // in `pages`, of position 0
};

struct AttentionPlainParams {
  AttentionInputs in;              // cache of f32
  const PlainRow* rows = nullptr;  // (row_count)
  int row_count = 0;
  float* out = nullptr;  // (rows, heads * head_dim)
};

void attention_plain(Stream stream, const AttentionPlainParams& params);

}  // namespace assay::engine::cuda
