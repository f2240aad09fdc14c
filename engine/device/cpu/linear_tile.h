// The matrix kernels, written once over a layer of 16-lane vectors and compiled for each instruction set.
//
// Goto, van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008), with one level of blocking less:
// weights are packed once and for all, a register tile of R rows by P panels runs over a block of K that stays in the
// first-level cache while all row blocks pass over it, and packed x streams from the second level.
//
// A layer V has: Vec (16 floats), kRegisters (how many there are), zero(), load(), store(), broadcast(),
// fma(a, b, c) = a * b + c, and for pairs of bf16: Pairs, load_pairs(), even(), odd(), which widen; with instructions
// for bf16 also broadcast_pair(), dot(c, a, b). Everything here has internal linkage or is named after V: the linker
// must not keep the copy of one instruction set for another, so nothing of std is called either.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/device/cpu/bf16.h"
#include "engine/device/cpu/linear_kernel.h"

namespace assay::engine {

// Steps: how a tile advances over K. kDepth: inputs a step consumes. x points at the step's inputs of R rows, w at
// those of the first panel.

template <class V>
struct F32Step {
  using Vector = V;
  static constexpr int kDepth = 1;
  static constexpr int kTogether = 1;       // panels that are interleaved
  static constexpr size_t kInputBytes = 4;  // of an input in packed x

  template <int R, int P>
  static inline void step(typename V::Vec (&sum)[R][P], const std::byte* x, const std::byte* w, size_t stride) {
    typename V::Vec b[P];
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) b[p] = V::load(reinterpret_cast<const float*>(w + static_cast<size_t>(p) * stride));
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const typename V::Vec a = V::broadcast(reinterpret_cast<const float*>(x) + r);
#pragma GCC unroll 8
      for (int p = 0; p < P; ++p) sum[r][p] = V::fma(a, b[p], sum[r][p]);
    }
  }
};

// bf16 weights, widened in registers. Packed x holds rounded values as f32.
template <class V>
struct WideningStep {
  using Vector = V;
  static constexpr int kDepth = 2;
  static constexpr int kTogether = 2;
  static constexpr size_t kInputBytes = 4;

  template <int R, int P>
  static inline void step(typename V::Vec (&sum)[R][P], const std::byte* x, const std::byte* w, size_t stride) {
    const auto* inputs = reinterpret_cast<const float*>(x);
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) {
      const typename V::Pairs pairs = V::load_pairs(w + static_cast<size_t>(p) * stride);
      const typename V::Vec even = V::even(pairs);
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) sum[r][p] = V::fma(V::broadcast(inputs + r), even, sum[r][p]);
      const typename V::Vec odd = V::odd(pairs);
#pragma GCC unroll 16
      for (int r = 0; r < R; ++r) sum[r][p] = V::fma(V::broadcast(inputs + R + r), odd, sum[r][p]);
    }
  }
};

// bf16 by an instruction that multiplies pairs. Packed x holds pairs.
template <class V>
struct DotStep {
  using Vector = V;
  static constexpr int kDepth = 2;
  static constexpr int kTogether = 2;
  static constexpr size_t kInputBytes = 2;

  template <int R, int P>
  static inline void step(typename V::Vec (&sum)[R][P], const std::byte* x, const std::byte* w, size_t stride) {
    typename V::Pairs b[P];
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) b[p] = V::load_pairs(w + static_cast<size_t>(p) * stride);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const typename V::Pairs a = V::broadcast_pair(x + static_cast<size_t>(r) * 4);
#pragma GCC unroll 8
      for (int p = 0; p < P; ++p) sum[r][p] = V::dot(sum[r][p], a, b[p]);
    }
  }
};

// What a tile asks memory for while it computes: lines [from, end) at `step` bytes, and those of the other panels at
// `stride`, a few before each stretch of kStretch inputs. In one burst between tiles they would fill the queue of the
// first-level cache and the next tile would wait; asked for twice, they would take its bandwidth.
struct Ahead {
  static constexpr int kStretch = 16;

  const std::byte* from = nullptr;
  const std::byte* end = nullptr;
  ptrdiff_t step = 0;
  size_t stride = 0;
  int lines = 0;  // of each panel, a stretch

  template <int P>
  static inline void ask(Ahead& ahead) {
    for (int line = 0; line < ahead.lines && ahead.from < ahead.end; ++line) {
#pragma GCC unroll 8
      for (int p = 0; p < P; ++p) __builtin_prefetch(ahead.from + static_cast<size_t>(p) * ahead.stride, 0, 2);
      ahead.from += ahead.step;
    }
  }
};

// sums [R][P][16] = (resume ? sums : 0) + x * panels, over `depth` inputs. Not inlined: with all tiles in one function,
// gcc 12 finds too few registers for the largest and spills in the inner loop.
template <class Step, int R, int P>
__attribute__((noinline)) static void run_tile(const std::byte* x, const std::byte* w, size_t stride, int depth,
                                               float* sums, bool resume, Ahead ahead) {
  using V = typename Step::Vector;
  typename V::Vec sum[R][P];
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) sum[r][p] = resume ? V::load(sums + (r * P + p) * kPanelOutputs) : V::zero();
  }
  while (depth > 0) {
    Ahead::ask<P>(ahead);
    const int stretch = depth < Ahead::kStretch ? depth : Ahead::kStretch;
    for (int k = 0; k < stretch; k += Step::kDepth) {
      Step::template step<R, P>(sum, x, w, stride);
      x += R * Step::kDepth * Step::kInputBytes;
      w += Step::kTogether * kLineBytes;
    }
    depth -= stretch;
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) V::store(sums + (r * P + p) * kPanelOutputs, sum[r][p]);
  }
}

// Calls f.operator()<R>() for R = rows, 1 <= rows <= Max.
template <int Max, class F>
static inline void with_rows(int rows, const F& f) {
  if constexpr (Max > 1) {
    if (rows < Max) return with_rows<Max - 1>(rows, f);
  }
  f.template operator()<Max>();
}

struct TileShape {
  int rows = 0;
  int panels = 0;  // with many rows
  int few_rows = 0;
  int block_depth = 256;
  // How many bytes before they are needed a thread asks for its own weights where rows are few; 0: not at all, which is
  // as fast wherever the processor reads ahead far enough by itself.
  int few_ahead = 0;
};

// Shapes for the 32 registers of AVX-512. A block over K of two panels in f32 is to leave room in 48 KB of first-level
// cache, or 32, for what passes over it; where weights are widened, for the ones asked for ahead too. With two
// multiply-adds a line and more, the processor does not look far enough ahead to keep its queue of reads full.
inline constexpr TileShape kAvx512F32Shape = {.rows = 12, .panels = 2, .few_rows = 12, .block_depth = 192};
inline constexpr TileShape kAvx512WideningShape = {
    .rows = 12, .panels = 2, .few_rows = 4, .block_depth = 128, .few_ahead = 4096};
inline constexpr TileShape kAvx512DotShape = {.rows = 12, .panels = 2, .few_rows = 12, .few_ahead = 4096};

// A tile of vectors. Few: the step that reads weights as they are stored, for up to few_rows rows. Many: the one that
// reads a block prepared for many rows, which is the same or, for widened weights, F32Step.
template <class Few, class Many, TileShape Shape>
struct VectorTile {
  using V = typename Few::Vector;
  static constexpr int kRows = Shape.rows;
  static constexpr int kPanels = Shape.panels;
  static constexpr int kFewRows = Shape.few_rows;
  static constexpr int kPackedRows = 1;
  static constexpr int kBlockDepth = Shape.block_depth;
  static constexpr size_t kInputBytes = Few::kInputBytes;
  static constexpr int kTogether = Few::kTogether;
  static constexpr int kLineDepth = Few::kDepth;  // inputs in a line
  static constexpr bool kWidens = Few::kDepth != Many::kDepth;
  // Sums of few rows by the interleaved panels, a line of each and one of x: more than the registers hold would be
  // slower than the detour over a widened block.
  static_assert((kFewRows + 1) * kTogether < V::kRegisters);

  static void start() {}
  static void finish() {}

  // The interleaved panels, so that memory is read as one stream.
  static inline void few(int rows, const std::byte* x, const std::byte* w, size_t stride, int depth, float* sums) {
    constexpr ptrdiff_t kStep = kTogether * kLineBytes;
    Ahead ahead;
    if constexpr (Shape.few_ahead > 0) {
      const std::byte* const from = w + Shape.few_ahead;
      ahead = {from, from + depth / kLineDepth * kStep, kStep, stride, Ahead::kStretch / kLineDepth};
    }
    with_rows<kFewRows>(rows, [&]<int R>() { run_tile<Few, R, kTogether>(x, w, stride, depth, sums, false, ahead); });
  }

  template <int P>
  static inline void many(int rows, const std::byte* x, const std::byte* w, size_t stride, int depth, float* sums,
                          bool resume, const Ahead& ahead) {
    with_rows<kRows>(rows, [&]<int R>() { run_tile<Many, R, P>(x, w, stride, depth, sums, resume, ahead); });
  }

  // bf16 pairs to f32 [depth][16].
  static inline void widen(const std::byte* w, int depth, float* to) {
    for (int k = 0; k < depth; k += 2) {
      const typename V::Pairs pairs = V::load_pairs(w);
      V::store(to, V::even(pairs));
      V::store(to + kPanelOutputs, V::odd(pairs));
      w += kTogether * kLineBytes;
      to += 2 * kPanelOutputs;
    }
  }
};

// Products of one kernel: T is a VectorTile or the AMX tile.
template <class T>
struct Multiply {
  // Rows that pass over a block of weights together; their sums and their block of x stay in the second-level cache.
  static constexpr int kChunkRows = 480;
  static_assert(kChunkRows % T::kRows == 0);
  static constexpr int kBlockDepth = T::kBlockDepth;

  struct Part {
    const Panels* w;
    const PackedRows* x;
    int row;     // first of the chunk
    float* out;  // of that row
    bool add;
  };

  static void run(const Panels& w, const PackedRows& x, int first_row, int rows, int first, int last, float* out,
                  bool add) {
    T::start();
    for (int row = first_row; row < first_row + rows; row += kChunkRows) {
      const int left = first_row + rows - row;
      const Part part = {&w, &x, row, out + static_cast<size_t>(row) * static_cast<size_t>(w.outputs), add};
      if (x.rows <= T::kFewRows) {
        few_rows(part, left, first, last);
      } else {
        many_rows(part, left < kChunkRows ? left : kChunkRows, first, last);
      }
    }
    T::finish();
  }

  static const std::byte* panel_at(const Panels& w, int panel) {
    return w.data + static_cast<size_t>(panel / T::kTogether) * w.stride +
           static_cast<size_t>(panel % T::kTogether * kLineBytes);
  }

  // Bytes between lines of neighbouring panels, where both are of one tile.
  static size_t neighbour(const Panels& w) { return T::kTogether > 1 ? kLineBytes : w.stride; }

  // Weights are read once, as they are stored.
  static void few_rows(const Part& part, int rows, int first, int last) {
    alignas(64) float sums[T::kFewRows * T::kTogether * kPanelOutputs];
    const Panels& w = *part.w;
    for (int panel = first; panel < last; panel += T::kTogether) {
      T::few(rows, part.x->data, panel_at(w, panel), neighbour(w), w.depth, sums);
      write<T::kTogether>(part, sums, 0, rows, panel);
    }
  }

  static void many_rows(const Part& part, int rows, int first, int last) {
    int panel = first;
    for (; panel + T::kPanels <= last; panel += T::kPanels) many_tiles<T::kPanels>(part, rows, panel);
    if constexpr (T::kPanels > 1) {
      for (; panel < last; ++panel) many_tiles<1>(part, rows, panel);
    }
  }

  template <int P>
  static void many_tiles(const Part& part, int rows, int panel) {
    alignas(64) float sums[kChunkRows * P * kPanelOutputs];
    alignas(64) float wide[T::kWidens ? P * kBlockDepth * kPanelOutputs : 16];
    const Panels& w = *part.w;
    const std::byte* panels = panel_at(w, panel);
    constexpr ptrdiff_t kStep = T::kTogether * kLineBytes;
    for (int k = 0; k < w.depth; k += kBlockDepth) {
      const int depth = w.depth - k < kBlockDepth ? w.depth - k : kBlockDepth;
      const std::byte* block = panels + k / T::kLineDepth * kStep;
      const int lines = depth / T::kLineDepth;  // of each panel
      const std::byte* source = block;
      size_t stride = neighbour(w);
      if constexpr (T::kWidens) {
        for (int p = 0; p < P; ++p) T::widen(block + p * kLineBytes, depth, wide + p * kBlockDepth * kPanelOutputs);
        source = reinterpret_cast<const std::byte*>(wide);
        stride = sizeof(float) * kBlockDepth * kPanelOutputs;
      }
      // What comes after this block: the next one of these panels, or the first of the next panels.
      const std::byte* next = k + depth < w.depth ? block + lines * kStep : panel_at(w, panel + P);
      // Each row block asks for an equal part of it.
      const int blocks = (rows + T::kRows - 1) / T::kRows;
      const int stretches = (depth + Ahead::kStretch - 1) / Ahead::kStretch;
      const int lines_a_block = (lines + blocks - 1) / blocks;
      const std::byte* const next_end = next + lines * kStep;
      Ahead ahead = {next, next, kStep, neighbour(w), (lines_a_block + stretches - 1) / stretches};
      for (int row = 0; row < rows; row += T::kRows) {
        const int count = rows - row < T::kRows ? rows - row : T::kRows;
        const std::byte* x = part.x->data + (static_cast<size_t>(k) * static_cast<size_t>(part.x->rows) +
                                             static_cast<size_t>(part.row + row) * static_cast<size_t>(depth)) *
                                                T::kInputBytes;
        ahead.from = ahead.end;
        ahead.end = next_end - ahead.from < lines_a_block * kStep ? next_end : ahead.from + lines_a_block * kStep;
        T::template many<P>(count, x, source, stride, depth, sums + row * P * kPanelOutputs, k > 0, ahead);
      }
    }
    write<P>(part, sums, 0, rows, panel);
  }

  // sums [rows][P][16] to columns of out; the last panel may be wider than the matrix.
  template <int P>
  static void write(const Part& part, const float* sums, int row, int rows, int panel) {
    const int column = panel * kPanelOutputs;
    const int columns = part.w->outputs - column < P * kPanelOutputs ? part.w->outputs - column : P * kPanelOutputs;
    for (; row < rows; ++row) {
      float* to = part.out + static_cast<size_t>(row) * static_cast<size_t>(part.w->outputs) + column;
      if (part.add) {
        for (int i = 0; i < columns; ++i) to[i] += sums[i];
      } else {
        for (int i = 0; i < columns; ++i) to[i] = sums[i];
      }
      sums += P * kPanelOutputs;
    }
  }
};

template <class T>
constexpr LinearKernel kernel_of(decltype(LinearKernel::pack) pack) {
  return {T::kRows,        T::kPanels < T::kTogether ? T::kTogether : T::kPanels,
          T::kBlockDepth,  T::kPackedRows,
          T::kInputBytes,  pack,
          Multiply<T>::run};
}

}  // namespace assay::engine
