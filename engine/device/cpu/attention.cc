// Who computes which rows of attention: blocks of tokens that read the same pages, shared out by their cost.
//
// A block holds about kBlockRows rows, so that its sums stay in the first-level cache beside a page. It is a stretch of
// one segment or, where segments are short (decoding has one row each), of several consecutive ones whose page tables
// begin alike: those pages are then read once for all of them.
#include <algorithm>
#include <vector>

#include "base/error.h"
#include "engine/device/cpu/ops.h"
#include "engine/device/cpu/segments.h"
#include "engine/device/cpu/vec_ops.h"
#include "engine/device/cpu/vec_scalar.h"

namespace assay::engine {
namespace {

constexpr int kBlockRows = 24;
constexpr int kNoWindow = 1 << 30;  // more than any sequence has

// Tokens of one segment within a block.
struct Stretch {
  int first_token = 0;  // of the step's token rows
  int tokens = 0;
  std::span<const int32_t> pages;  // that the last of them needs
  int first_page = 0;              // that the first of them sees
};

struct Block {
  std::vector<Stretch> stretches;
  int tokens = 0;
  int shared_pages = 0;  // leading pages that all stretches have in common
  int first_page = 0;    // that any of them sees
};

int common_pages(std::span<const int32_t> a, std::span<const int32_t> b) {
  return static_cast<int>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
}

// Whether `next` joins the block: it must fit, and not cost the block more than half of what it shares already.
bool joins(const Block& block, const Stretch& next, int max_tokens, int shared) {
  return block.tokens + next.tokens <= max_tokens && shared > 0 && 2 * shared >= block.shared_pages;
}

std::vector<Block> make_blocks(std::span<const Segment> segments, int group, int window) {
  const int max_tokens = std::max(1, kBlockRows / group);
  std::vector<Block> blocks;
  int token = 0;
  for (const Segment& segment : segments) {
    for (int done = 0; done < segment.rows;) {
      const int tokens = std::min(max_tokens, segment.rows - done);
      const int position = segment.first_position + done;
      const int pages = (position + tokens - 1) / kPageTokens + 1;
      const int first_page = std::max(0, position + 1 - window) / kPageTokens;
      const Stretch next{token, tokens, segment.pages.first(static_cast<size_t>(pages)), first_page};
      const int shared = blocks.empty() ? 0
                                        : std::min(blocks.back().shared_pages,
                                                   common_pages(blocks.back().stretches[0].pages, next.pages));
      if (!blocks.empty() && joins(blocks.back(), next, max_tokens, shared)) {
        blocks.back().shared_pages = shared;
        blocks.back().first_page = std::min(blocks.back().first_page, first_page);
      } else {
        blocks.push_back({{}, 0, pages, first_page});
      }
      blocks.back().stretches.push_back(next);
      blocks.back().tokens += tokens;
      token += tokens;
      done += tokens;
    }
  }
  return blocks;
}

int64_t cost(const Block& block) {
  int64_t pages = 0;
  for (const Stretch& stretch : block.stretches) {
    pages += (static_cast<int64_t>(stretch.pages.size()) - stretch.first_page) * stretch.tokens;
  }
  return pages;
}

struct Attention {
  const VectorOps& ops;
  const float* qkv;
  const AttentionRule& rule;
  int window;
  const CpuKvCache& cache;
  int layer;
  float* out;
  std::vector<TokenRow> rows;

  void run(const Block& block, int kv_head, std::vector<float>& scratch) const {
    const auto [layers, kv_heads, head_dim, pages] = cache.shape();
    const int group = rule.heads / kv_heads;
    const size_t first_head = static_cast<size_t>(kv_head) * static_cast<size_t>(group * head_dim);
    const size_t query_stride = static_cast<size_t>(rule.heads + 2 * kv_heads) * static_cast<size_t>(head_dim);
    const size_t out_stride = static_cast<size_t>(rule.heads) * static_cast<size_t>(head_dim);

    const int first = block.stretches.front().first_token;
    std::vector<const float*> queries;
    std::vector<float*> outputs;
    std::vector<int> positions;
    for (int i = first; i < first + block.tokens; ++i) {
      const TokenRow& token = rows[static_cast<size_t>(i)];
      queries.push_back(qkv + static_cast<size_t>(token.row) * query_stride + first_head);
      outputs.push_back(out + static_cast<size_t>(token.row) * out_stride + first_head);
      positions.push_back(token.position);
    }
    scratch.resize(std::max(scratch.size(), attention_scratch(block.tokens * group, head_dim)));
    const AttentionBlock kernel_block{queries.data(), outputs.data(), positions.data(), block.tokens, group,
                                      head_dim,       rule.scale,     rule.soft_cap,    window,       scratch.data()};
    const float* chunks = cache.chunks(layer, kv_head);
    const auto attend = [&](const Stretch& pages_of, int first_token, int tokens, int from, int to) {
      if (from >= to) return;
      ops.attention_pages(kernel_block, first_token, tokens,
                          {chunks, cache.page_stride(), pages_of.pages.data() + from, from, to - from});
    };
    ops.attention_begin(kernel_block);
    attend(block.stretches.front(), 0, block.tokens, block.first_page, block.shared_pages);
    for (const Stretch& stretch : block.stretches) {
      attend(stretch, stretch.first_token - first, stretch.tokens, std::max(block.shared_pages, stretch.first_page),
             static_cast<int>(stretch.pages.size()));
    }
    ops.attention_end(kernel_block);
  }
};

}  // namespace

size_t attention_scratch(int rows, int head_dim) {
  const size_t n = static_cast<size_t>(rows);
  const size_t dim = static_cast<size_t>(head_dim);
  return n * (dim + kLanes) + n * kLanes + n + (n + kLanes) * dim;  // sums, denominators, maxima, packed queries
}

void attention(ThreadPool& pool, const VectorOps& ops, const float* qkv, const AttentionRule& rule,
               std::span<const Segment> segments, const CpuKvCache& cache, int layer, float* out) {
  const int kv_heads = cache.shape().kv_heads;
  check_segments(segments, cache.shape().pages);
  if (rule.heads % kv_heads != 0) fail(ExitCode::kInternal, "{} query heads on {} key heads", rule.heads, kv_heads);
  const int window = rule.window > 0 ? std::min(rule.window, kNoWindow) : kNoWindow;
  const std::vector<Block> blocks = make_blocks(segments, rule.heads / kv_heads, window);
  if (blocks.empty()) return;
  const Attention task{ops, qkv, rule, window, cache, layer, out, token_rows(segments)};

  // Items are (key head, block), head by head, so that a thread meets the pages of one head again in its cache. Thread
  // p takes those that begin within the p-th of equal shares of the cost.
  std::vector<int64_t> begins{0};
  for (const Block& block : blocks) begins.push_back(begins.back() + cost(block));
  const int64_t total = begins.back() * kv_heads;
  const int parts = pool.threads();
  pool.parallel(parts, [&](int part) {
    std::vector<float> scratch;
    const int64_t from = total * part / parts;
    const int64_t to = total * (part + 1) / parts;
    for (int head = 0; head < kv_heads; ++head) {
      for (size_t i = 0; i < blocks.size(); ++i) {
        const int64_t begin = begins.back() * head + begins[i];
        if (begin >= from && begin < to) task.run(blocks[i], head, scratch);
      }
    }
  });
}

}  // namespace assay::engine
