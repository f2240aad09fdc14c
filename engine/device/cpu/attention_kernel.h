// Attention of one block of rows over pages, over any vector type V of vec_scalar.h's kind (see vec_ops.h).
//
// A page and a tile of rows at a time: S = Q K^T with lanes over the page's 32 positions, a softmax step per row, and
// O = O * correction + P V with lanes over head_dim. Each element of S is one chain over head_dim, each element of O
// one chain over the positions that its row sees, so that no element knows the tile it was computed in. Both products
// keep their tile in registers and read a page of keys and values (16 KB at head_dim 64) from the first-level cache,
// where it stays for all tiles of the block.
#pragma once

#include "engine/device/cpu/vec_rows.h"

namespace assay::engine {

static_assert(kPageTokens == 2 * kLanes, "a row of scores is two vectors");

// What a block keeps between calls; all of it in its scratch.
struct AttentionState {
  float* max;      // (rows)
  float* sum;      // (rows, kLanes)
  float* o;        // (rows, o_stride)
  float* queries;  // (tiles, head_dim, tile rows), scaled, of the call in progress
  int all_from;    // every row of the call in progress sees positions all_from .. all_to - 1
  int all_to;
  int o_stride;  // head_dim rounded up to kLanes
};

// What the rows of a tile see of a page: positions begin .. end - 1 all of them, from .. to - 1 each; those before
// `begin` and from `end` on are some rows' own. Of a page that all see whole, `from` and `to` are not filled in.
template <int kRows>
struct Seen {
  int from[kRows] = {};
  int to[kRows] = {};
  int begin = 0;
  int end = kPageTokens;
  int last = kPageTokens;  // where the last row's positions end; 0 where no row sees any

  bool whole() const { return end - begin == kPageTokens; }
};

template <typename V>
struct AttentionKernel {
  // Registers for sums; the rest hold a vector or two of keys and a broadcast query.
  static constexpr int kSums = V::kRegisterFile - 4;
  static constexpr int kTileRows = kSums / V::kRegisters < 12 ? kSums / V::kRegisters : 12;
  static constexpr int vectors_across(int rows) { return 2 * rows * V::kRegisters <= kSums ? 2 : 1; }

  static AttentionState state(const AttentionBlock& block) {
    const int rows = block.tokens * block.group;
    AttentionState s;
    s.o_stride = (block.head_dim + kLanes - 1) / kLanes * kLanes;
    s.o = block.scratch;
    s.sum = s.o + static_cast<size_t>(rows) * static_cast<size_t>(s.o_stride);
    s.max = s.sum + static_cast<size_t>(rows) * kLanes;
    s.queries = s.max + rows;
    s.all_from = 0;
    s.all_to = 0;
    return s;
  }

  static void begin(const AttentionBlock& block) {
    const AttentionState s = state(block);
    const int rows = block.tokens * block.group;
    for (int i = 0; i < rows * s.o_stride; ++i) s.o[i] = 0;
    for (int i = 0; i < rows * kLanes; ++i) s.sum[i] = 0;
    // Finite, so that a row that has not seen anything yet has a difference of maxima.
    for (int i = 0; i < rows; ++i) s.max[i] = kLowest;
  }

  static void end(const AttentionBlock& block) {
    const AttentionState s = state(block);
    for (int row = 0; row < block.tokens * block.group; ++row) {
      float* out = block.outputs[row / block.group] + row % block.group * block.head_dim;
      const float* o = s.o + row * s.o_stride;
      const V sum = V::broadcast(reduce_add(V::load(s.sum + row * kLanes)));
      int i = 0;
      for (; i + kLanes <= block.head_dim; i += kLanes) (V::load(o + i) / sum).store(out + i);
      if (i < block.head_dim) store_first(V::load(o + i) / sum, out + i, block.head_dim - i);
    }
  }

  static void pages(const AttentionBlock& block, int first_token, int tokens, const PageRun& run) {
    AttentionState s = state(block);
    s.all_to = block.positions[first_token] + 1;
    for (int token = first_token; token < first_token + tokens; ++token) {
      const int to = block.positions[token] + 1;
      s.all_to = to < s.all_to ? to : s.all_to;
      s.all_from = to - block.window > s.all_from ? to - block.window : s.all_from;
    }
    const int first_row = first_token * block.group;
    const int end_row = first_row + tokens * block.group;
    pack_queries(block, s, first_row, end_row);
    for (int page = 0; page < run.count; ++page) {
      const float* chunk = run.chunks + static_cast<size_t>(run.pages[page]) * run.page_stride;
      const int first_position = (run.first + page) * kPageTokens;
      const float* queries = s.queries;
      for (int row = first_row; row < end_row; row += kTileRows) {
        const int rows = end_row - row < kTileRows ? end_row - row : kTileRows;
        tile<kTileRows>(block, s, queries, row, rows, chunk, first_position);
        queries += block.head_dim * kTileRows;
      }
    }
  }

 private:
  static void pack_queries(const AttentionBlock& block, const AttentionState& s, int first_row, int end_row) {
    for (int row = first_row; row < end_row; ++row) {
      const float* query = block.queries[row / block.group] + row % block.group * block.head_dim;
      const int n = row - first_row;
      float* packed = s.queries + n / kTileRows * kTileRows * block.head_dim + n % kTileRows;
      for (int d = 0; d < block.head_dim; ++d) packed[d * kTileRows] = query[d] * block.scale;
    }
  }

  // Finds the number of rows among the compiled ones.
  template <int kRows>
  static void tile(const AttentionBlock& block, const AttentionState& s, const float* queries, int row, int rows,
                   const float* chunk, int first_position) {
    if constexpr (kRows > 1) {
      if (rows < kRows) return tile<kRows - 1>(block, s, queries, row, rows, chunk, first_position);
    }
    Seen<kRows> seen;
    if (first_position < s.all_from || first_position + kPageTokens > s.all_to) {
      find_seen<kRows>(block, row, first_position, seen);
      if (seen.last == 0) return;
    }

    float p[kRows * kPageTokens];
    float correction[kLanes];
    scores<kRows>(queries, chunk, block.head_dim, p);
    if (block.soft_cap > 0) soft_cap<V>(p, kRows * kPageTokens, block.soft_cap);
    softmax_step<kRows>(seen, s.max + row, s.sum + row * kLanes, p, correction);
    constexpr int kAcross = vectors_across(kRows);
    const float* values = chunk + block.head_dim * kPageTokens;
    float* o = s.o + row * s.o_stride;
    if (seen.begin > 0) add_first_values<kRows>(p, correction, values, block.head_dim, seen, o, s.o_stride);
    int d = 0;
    for (; d + kAcross * kLanes <= s.o_stride; d += kAcross * kLanes) {
      add_values<kRows, kAcross>(p, correction, values + d, block.head_dim, seen, o + d, s.o_stride);
    }
    if (d < s.o_stride) {
      add_values<kRows, 1>(p, correction, values + d, block.head_dim, seen, o + d, s.o_stride);
    }
  }

  template <int kRows>
  static void find_seen(const AttentionBlock& block, int row, int first_position, Seen<kRows>& seen) {
    const auto within = [](int position) {
      return position < 0 ? 0 : (position > kPageTokens ? kPageTokens : position);
    };
    seen.last = 0;
    for (int r = 0; r < kRows; ++r) {
      const int to = block.positions[(row + r) / block.group] + 1 - first_position;
      seen.to[r] = within(to);
      seen.from[r] = within(to - block.window);
      seen.begin = seen.from[r] > seen.begin ? seen.from[r] : seen.begin;
      seen.end = seen.to[r] < seen.end ? seen.to[r] : seen.end;
      if (seen.to[r] > seen.from[r] && seen.to[r] > seen.last) seen.last = seen.to[r];
    }
    if (seen.end < seen.begin) seen.end = seen.begin;
  }

  // p (kRows, kPageTokens) = queries (head_dim, kTileRows)^T * keys (head_dim, kPageTokens)
  template <int kRows>
  static void scores(const float* queries, const float* keys, int head_dim, float* p) {
    constexpr int kAcross = vectors_across(kRows);
    for (int position = 0; position < kPageTokens; position += kAcross * kLanes) {
      V sums[kRows][kAcross];
#pragma GCC unroll 12
      for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
        for (int v = 0; v < kAcross; ++v) sums[r][v] = V::broadcast(0);
      }
      for (int d = 0; d < head_dim; ++d) {
        V key[kAcross];
#pragma GCC unroll 2
        for (int v = 0; v < kAcross; ++v) key[v] = V::load(keys + d * kPageTokens + position + v * kLanes);
#pragma GCC unroll 12
        for (int r = 0; r < kRows; ++r) {
          const V query = V::broadcast(queries[d * kTileRows + r]);
#pragma GCC unroll 2
          for (int v = 0; v < kAcross; ++v) sums[r][v] = fma(query, key[v], sums[r][v]);
        }
      }
#pragma GCC unroll 12
      for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
        for (int v = 0; v < kAcross; ++v) sums[r][v].store(p + r * kPageTokens + position + v * kLanes);
      }
    }
  }

  // Scores become weights relative to the new running maximum; `correction` is what the old sums are worth in it.
  // A row that sees nothing of the page keeps its bits: correction 1, weights 0.
  template <int kRows>
  static void softmax_step(const Seen<kRows>& seen, float* max_so_far, float* sum, float* p, float* correction) {
    const V nothing = V::broadcast(kMinusInfinity);
    for (int r = kRows; r < kLanes; ++r) correction[r] = 0;
    for (int r = 0; r < kRows; ++r) {
      float* row = p + r * kPageTokens;
      V a = V::load(row);
      V b = V::load(row + kLanes);
      if (!seen.whole()) {
        a = first_lanes(nothing, seen.from[r], first_lanes(a, seen.to[r], nothing));
        b = first_lanes(nothing, seen.from[r] - kLanes, first_lanes(b, seen.to[r] - kLanes, nothing));
        a.store(row);
        b.store(row + kLanes);
      }
      const float page_max = reduce_max(max(a, b));
      const float new_max = page_max > max_so_far[r] ? page_max : max_so_far[r];
      correction[r] = max_so_far[r] - new_max;
      max_so_far[r] = new_max;
    }
    exp_of_nonpositive(V::load(correction)).store(correction);
    for (int r = 0; r < kRows; ++r) {
      float* row = p + r * kPageTokens;
      const V top = V::broadcast(max_so_far[r]);
      const V a = exp_of_nonpositive(V::load(row) - top);
      const V b = exp_of_nonpositive(V::load(row + kLanes) - top);
      a.store(row);
      b.store(row + kLanes);
      fma(V::load(sum + r * kLanes), V::broadcast(correction[r]), a + b).store(sum + r * kLanes);
    }
  }

  // The beginning of a page that some rows see more of than others, row by row: their sums are corrected here already.
  template <int kRows>
  static void add_first_values(const float* p, float* correction, const float* values, int values_stride,
                               const Seen<kRows>& seen, float* o, int o_stride) {
    for (int r = 0; r < kRows; ++r) {
      const V c = V::broadcast(correction[r]);
      for (int d = 0; d < o_stride; d += kLanes) {
        float* at = o + r * o_stride + d;
        add_own_values(p + r * kPageTokens, values + d, values_stride, seen.from[r],
                       seen.to[r] < seen.begin ? seen.to[r] : seen.begin, V::load(at) * c)
            .store(at);
      }
      correction[r] = 1;
    }
  }

  // o (kRows, kAcross vectors) = o * correction + p * values; positions that a row does not see are not touched, so
  // that what lies there, a NaN included, stays with the rows that see it.
  template <int kRows, int kAcross>
  static void add_values(const float* p, const float* correction, const float* values, int values_stride,
                         const Seen<kRows>& seen, float* o, int o_stride) {
    V sums[kRows][kAcross];
#pragma GCC unroll 12
    for (int r = 0; r < kRows; ++r) {
      const V c = V::broadcast(correction[r]);
#pragma GCC unroll 2
      for (int v = 0; v < kAcross; ++v) sums[r][v] = V::load(o + r * o_stride + v * kLanes) * c;
    }
    for (int position = seen.begin; position < seen.end; ++position) {
      V value[kAcross];
#pragma GCC unroll 2
      for (int v = 0; v < kAcross; ++v) value[v] = V::load(values + position * values_stride + v * kLanes);
#pragma GCC unroll 12
      for (int r = 0; r < kRows; ++r) {
        const V weight = V::broadcast(p[r * kPageTokens + position]);
#pragma GCC unroll 2
        for (int v = 0; v < kAcross; ++v) sums[r][v] = fma(weight, value[v], sums[r][v]);
      }
    }
#pragma GCC unroll 12
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
      for (int v = 0; v < kAcross; ++v) sums[r][v].store(o + r * o_stride + v * kLanes);
    }
    if (seen.last > seen.end) add_last_values<kRows, kAcross>(p, values, values_stride, seen, o, o_stride);
  }

  // The rest of a page that some rows see more of than others: row by row, the same chains continued.
  template <int kRows, int kAcross>
  static void add_last_values(const float* p, const float* values, int values_stride, const Seen<kRows>& seen, float* o,
                              int o_stride) {
    for (int r = 0; r < kRows; ++r) {
      for (int v = 0; v < kAcross; ++v) {
        float* at = o + r * o_stride + v * kLanes;
        add_own_values(p + r * kPageTokens, values + v * kLanes, values_stride, seen.end, seen.to[r], V::load(at))
            .store(at);
      }
    }
  }

  static V add_own_values(const float* p, const float* values, int values_stride, int from, int to, V sum) {
    for (int position = from; position < to; ++position) {
      sum = fma(V::broadcast(p[position]), V::load(values + position * values_stride), sum);
    }
    return sum;
  }
};

// The table of vec_ops.h for one vector type.
template <typename V>
constexpr VectorOps make_vector_ops() {
  return {sum_of_squares<V>,
          scale_and_weigh<V>,
          scale_weigh_and_add<V>,
          rotate<V>,
          silu_and_multiply<V>,
          gelu_and_multiply<V>,
          soft_cap<V>,
          maximum<V>,
          sum_of_exp<V>,
          AttentionKernel<V>::begin,
          AttentionKernel<V>::pages,
          AttentionKernel<V>::end};
}

}  // namespace assay::engine
