#include "engine/device/cuda/attention_plan.h"

#include <algorithm>

#include "base/error.h"

namespace assay::engine::cuda {
namespace {

static_assert(kPieceTokens % kPageTokens == 0, "a piece is whole pages");
constexpr int kPiecePages = kPieceTokens / kPageTokens;

// The first position that a token sees.
int first_seen(int position, int window) {
  return window > 0 ? std::max(0, position - window + 1) : 0;
}

// A generated token and the pages of positions 0 .. position.
struct Token {
  int row = 0;
  int position = 0;
  int first_page = 0;
  int first_piece = 0;  // that it sees
  int first_partial = 0;
  std::span<const int32_t> pages;

  int end_piece() const { return position / kPieceTokens + 1; }
  int pieces() const { return end_piece() - first_piece; }
  bool sees(int piece) const { return first_piece <= piece && piece < end_piece(); }
  std::span<const int32_t> pages_of(int piece) const {
    const size_t begin = static_cast<size_t>(piece) * kPiecePages;
    return pages.subspan(begin, std::min<size_t>(kPiecePages, pages.size() - begin));
  }
};

std::vector<Token> tokens_of(std::span<const DeviceSegment> segments, std::span<const int32_t> pages, int window) {
  std::vector<Token> tokens;
  for (const DeviceSegment& segment : segments) {
    for (int i = 0; i < segment.rows; ++i) {
      const int position = segment.first_position + i;
      const size_t needed = static_cast<size_t>(position / kPageTokens) + 1;
      if (static_cast<size_t>(segment.first_page) + needed > pages.size()) {
        fail(ExitCode::kInternal, "a token at position {} reads pages {} to {} of a list of {}", position,
             segment.first_page, static_cast<size_t>(segment.first_page) + needed - 1, pages.size());
      }
      tokens.push_back({segment.first_row + i, position, segment.first_page,
                        first_seen(position, window) / kPieceTokens, 0,
                        pages.subspan(static_cast<size_t>(segment.first_page), needed)});
    }
  }
  return tokens;
}

// Adds the items of tokens that read the same pages of a piece.
void add_items(PiecePlan& plan, std::span<const Token* const> tokens, int piece, int group) {
  const int begin = piece * kPieceTokens;
  const int first_row = static_cast<int>(plan.rows.size());
  for (const Token* token : tokens) {
    plan.rows.push_back({token->row, token->position, token->first_partial + piece - token->first_piece});
  }
  const int all = static_cast<int>(tokens.size()) * group;
  for (int first = 0; first < all; first += kAttentionRows) {
    const int rows = std::min(kAttentionRows, all - first);
    const std::span<const Token* const> some = tokens.subspan(
        static_cast<size_t>(first / group), static_cast<size_t>((first + rows - 1) / group - first / group + 1));
    const auto [lowest, highest] = std::ranges::minmax(some, {}, &Token::position);
    const int end = std::min(highest->position + 1, begin + kPieceTokens);
    plan.items.push_back({tokens[0]->first_page + piece * kPiecePages, begin, end, lowest->position, highest->position,
                          first_row, first, rows});
  }
}

}  // namespace

void check_attention_shape(int heads, int kv_heads, int head_dim) {
  if (kv_heads < 1 || heads < 1 || heads % kv_heads != 0) {
    fail_input("{} query heads on {} key heads: the number of query heads must be a multiple of the key heads", heads,
               kv_heads);
  }
  if (head_dim < 1 || head_dim > kMaxHeadDim) {
    fail_input("heads of {} dimensions: the CUDA engine takes up to {}; use --device cpu", head_dim, kMaxHeadDim);
  }
}

std::vector<PromptTile> plan_prompt(std::span<const DeviceSegment> segments, int group, int window) {
  std::vector<PromptTile> tiles;
  for (const DeviceSegment& segment : segments) {
    const int64_t all = int64_t{segment.rows} * group;
    for (int64_t first = 0; first < all; first += kAttentionRows) {
      tiles.push_back({segment.first_row, segment.first_position, segment.first_page, static_cast<int32_t>(first),
                       static_cast<int32_t>(std::min<int64_t>(kAttentionRows, all - first))});
    }
  }
  const auto keys = [=](const PromptTile& tile) {
    const int highest = tile.position + (tile.first + tile.rows - 1) / group;
    return highest + 1 - first_seen(tile.position + tile.first / group, window);
  };
  std::stable_sort(tiles.begin(), tiles.end(),
                   [&](const PromptTile& a, const PromptTile& b) { return keys(a) > keys(b); });
  return tiles;
}

PiecePlan plan_pieces(std::span<const DeviceSegment> segments, std::span<const int32_t> pages, int group, int window) {
  PiecePlan plan;
  std::vector<Token> tokens = tokens_of(segments, pages, window);
  int end_piece = 0;
  for (Token& token : tokens) {
    token.first_partial = plan.partials;
    plan.merges.push_back({token.row, token.first_partial, token.pieces()});
    plan.partials += token.pieces();
    end_piece = std::max(end_piece, token.end_piece());
  }
  // In the order of their tables, tokens that share a prefix are neighbours.
  std::vector<const Token*> order;
  for (const Token& token : tokens) order.push_back(&token);
  std::stable_sort(order.begin(), order.end(), [](const Token* a, const Token* b) {
    return std::ranges::lexicographical_compare(a->pages, b->pages);
  });

  std::vector<const Token*> same;
  for (int piece = 0; piece < end_piece; ++piece) {
    for (const Token* token : order) {
      if (!token->sees(piece)) continue;
      if (!same.empty() && !std::ranges::equal(same.back()->pages_of(piece), token->pages_of(piece))) {
        add_items(plan, same, piece, group);
        same.clear();
      }
      same.push_back(token);
    }
    add_items(plan, same, piece, group);
    same.clear();
  }
  const auto keys = [=](const PieceItem& item) {
    return item.end - std::max<int>(item.begin, first_seen(item.lowest, window));
  };
  std::stable_sort(plan.items.begin(), plan.items.end(),
                   [&](const PieceItem& a, const PieceItem& b) { return keys(a) > keys(b); });
  return plan;
}

std::vector<PlainRow> plan_plain(std::span<const DeviceSegment> segments, int window) {
  std::vector<PlainRow> rows;
  for (const DeviceSegment& segment : segments) {
    for (int i = 0; i < segment.rows; ++i) {
      rows.push_back({segment.first_row + i, segment.first_position + i, segment.first_page});
    }
  }
  const auto keys = [=](const PlainRow& row) { return row.position + 1 - first_seen(row.position, window); };
  std::stable_sort(rows.begin(), rows.end(), [&](const PlainRow& a, const PlainRow& b) { return keys(a) > keys(b); });
  return rows;
}

}  // namespace assay::engine::cuda
