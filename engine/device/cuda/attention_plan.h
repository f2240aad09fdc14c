// Shares the attention of a step out among blocks of the GPU. Plain host code: lists for the kernels of
// kernels/attention.h, longest work first, so that the last blocks to start are short ones.
//
// A plan holds for every layer of a step that has the same window (position i sees i - window + 1 .. i; 0: all up to
// i): what no row sees is not in it. Which rows meet in a block decides speed alone, never a bit.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/device/cuda/kernels/attention.h"

namespace assay::engine::cuda {

// Error(kBadInput) for a shape that the kernels do not take.
void check_attention_shape(int heads, int kv_heads, int head_dim);

// Tiles of segments of prompt tokens; `group` = heads / kv_heads.
std::vector<PromptTile> plan_prompt(std::span<const DeviceSegment> segments, int group, int window);

struct PiecePlan {
  std::vector<PieceItem> items;
  std::vector<PieceRow> rows;
  std::vector<MergeRow> merges;  // one a token, in the order of the segments
  int partials = 0;
};

// Pieces of segments of generated tokens, usually of one row each. Tokens whose tables name the same pages for a piece
// are packed together, wherever they stand in the step. The first piece of a token is the first that it sees.
PiecePlan plan_pieces(std::span<const DeviceSegment> segments, std::span<const int32_t> pages, int group, int window);

// All rows of segments of any kind.
std::vector<PlainRow> plan_plain(std::span<const DeviceSegment> segments, int window);

}  // namespace assay::engine::cuda
