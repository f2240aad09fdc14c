// The matrix kernel on AMX tiles, over a layer of tile instructions; see linear_tile.h.
//
// A tile register holds 16 rows of 64 bytes. 32 rows by 2 panels take all eight: sums in 0-3, x in 4 and 5, weights in
// 6 and 7; up to 16 rows go by 4 panels with x in 4 and weights in 5. A product of one row does the same arithmetic on
// a tile whose other rows are zeros, so that its bits are those of any other product.
//
// A layer T has: configure() and release(), for the calling thread; and for register numbers known at compile time,
// load<N>(from, stride in bytes), store<N>(to, stride), zero<N>() and multiply<C, A, B>(): C (16, 16) f32 +=
// A (16, 32) bf16 * B (16, 16, 2) bf16, tdpbf16ps.
#pragma once

#include <cstddef>

#include "engine/device/cpu/linear_tile.h"

namespace assay::engine {

template <class T>
struct AmxTile {
  static constexpr int kRows = 32;
  static constexpr int kPanels = 2;
  static constexpr int kFewRows = kRows;
  static constexpr int kPackedRows = 16;
  // 32 KiB of weights for two panels: they stay in the first-level cache while x comes from the second, and the sums,
  // which cost as much as four steps to load and store, move once in 16 steps.
  static constexpr int kBlockDepth = 512;
  static constexpr size_t kInputBytes = 2;
  static constexpr int kTogether = 2;
  static constexpr int kLineDepth = 2;
  static constexpr bool kWidens = false;

  static void start() { T::configure(); }
  static void finish() { T::release(); }

  static void few(int rows, const std::byte* x, const std::byte* w, size_t stride, int depth, float* sums) {
    many<kTogether>(rows, x, w, stride, depth, sums, false, {});
  }

  template <int P>
  static void many(int rows, const std::byte* x, const std::byte* w, size_t stride, int depth, float* sums, bool resume,
                   const Ahead&) {
    if (rows <= 16) {
      one_by<P>(x, w, stride, depth, sums, resume);
    } else {
      two_by<P>(x, w, stride, depth, sums, resume);
    }
  }

 private:
  // A tile of x is 16 rows of 64 bytes one after the other; a tile of weights 16 lines of one of two interleaved
  // panels.
  static constexpr size_t kRowBytes = 64;
  static constexpr size_t kTileBytes = 16 * kRowBytes;
  static constexpr size_t kWeightRowBytes = kTogether * kLineBytes;
  static constexpr size_t kWeightTileBytes = 16 * kWeightRowBytes;

  template <int N>
  static void begin(const float* sums, size_t stride, bool resume) {
    if (resume) {
      T::template load<N>(sums, stride);
    } else {
      T::template zero<N>();
    }
  }

  // 16 rows by P panels; the sums of panel p are in register 2 p.
  template <int P>
  static void one_by(const std::byte* x, const std::byte* w, size_t stride, int depth, float* sums, bool resume) {
    constexpr size_t kSumStride = P * kPanelOutputs * sizeof(float);
    begin<0>(sums, kSumStride, resume);
    if constexpr (P > 1) begin<2>(sums + kPanelOutputs, kSumStride, resume);
    for (int k = 0; k < depth; k += 32) {
      T::template load<4>(x, kRowBytes);
      T::template load<6>(w, kWeightRowBytes);
      T::template multiply<0, 4, 6>();
      if constexpr (P > 1) {
        T::template load<7>(w + stride, kWeightRowBytes);
        T::template multiply<2, 4, 7>();
      }
      x += kTileBytes;
      w += kWeightTileBytes;
    }
    T::template store<0>(sums, kSumStride);
    if constexpr (P > 1) T::template store<2>(sums + kPanelOutputs, kSumStride);
  }

  // 32 rows by P panels; the sums of the lower 16 rows are in registers 1 and 3.
  template <int P>
  static void two_by(const std::byte* x, const std::byte* w, size_t stride, int depth, float* sums, bool resume) {
    constexpr size_t kSumStride = P * kPanelOutputs * sizeof(float);
    float* lower = sums + 16 * P * kPanelOutputs;
    begin<0>(sums, kSumStride, resume);
    begin<1>(lower, kSumStride, resume);
    if constexpr (P > 1) {
      begin<2>(sums + kPanelOutputs, kSumStride, resume);
      begin<3>(lower + kPanelOutputs, kSumStride, resume);
    }
    for (int k = 0; k < depth; k += 32) {
      T::template load<4>(x, kRowBytes);
      T::template load<5>(x + kTileBytes, kRowBytes);
      T::template load<6>(w, kWeightRowBytes);
      T::template multiply<0, 4, 6>();
      T::template multiply<1, 5, 6>();
      if constexpr (P > 1) {
        T::template load<7>(w + stride, kWeightRowBytes);
        T::template multiply<2, 4, 7>();
        T::template multiply<3, 5, 7>();
      }
      x += 2 * kTileBytes;
      w += kWeightTileBytes;
    }
    T::template store<0>(sums, kSumStride);
    T::template store<1>(lower, kSumStride);
    if constexpr (P > 1) {
      T::template store<2>(sums + kPanelOutputs, kSumStride);
      T::template store<3>(lower + kPanelOutputs, kSumStride);
    }
  }
};

}  // namespace assay::engine
