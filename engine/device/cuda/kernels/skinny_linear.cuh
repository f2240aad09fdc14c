#pragma once

#include "engine/device/cuda/kernels/skinny_linear.h"
#include "engine/device/cuda/kernels/skinny_tile.cuh"

namespace assay::engine::cuda {

// Warps kOutputWarps x kRowWarps, each with 16 outputs times 8 kTiles rows; kStages stages in flight.
template <int kOutputWarps_, int kRowWarps_, int kTiles_, int kStages_>
struct SkinnyShape {
  static constexpr int kOutputWarps = kOutputWarps_;
  static constexpr int kRowWarps = kRowWarps_;
  static constexpr int kTiles = kTiles_;
  static constexpr int kStages = kStages_;
  static constexpr int kThreads = 32 * kOutputWarps * kRowWarps;
  static constexpr int kOutputs = 16 * kOutputWarps;
  static constexpr int kRows = 8 * kTiles * kRowWarps;
};

template <typename T, typename Shape>
struct SkinnyShared {
  struct Stage {
    T w[Shape::kOutputs][kStagePitch<T>];
    T x[Shape::kRows][kStagePitch<T>];
  };
  Stage stages[Shape::kStages];
};

// What a launch adds to the caller's request.
struct SkinnyLaunch {
  SkinnyLinearParams product;
  int piece_inputs = 0;
  int pieces = 0;
  // A block sums all pieces, one after the other, into `out`; else one piece into scratch (pieces, rows, outputs).
  bool whole = false;
};

// Begins to fetch inputs first .. first + kStageInputs - 1 of kCount rows of a matrix (rows, inputs) into a tile. What
// lies outside the matrix, or at `end` or beyond, is 0.
template <typename T, int kCount, int kThreads>
__device__ inline void fetch_tile(T (&tile)[kCount][kStagePitch<T>], const T* matrix, int first_row, int rows,
                                  int inputs, int first, int end, bool aligned) {
  constexpr int kVector = 16 / static_cast<int>(sizeof(T));
  constexpr int kPerRow = kStageInputs<T> / kVector;
  constexpr int kStep = kThreads / kPerRow;  // rows that the block fetches at once
  const int column = static_cast<int>(threadIdx.x) % kPerRow * kVector;
  const int input = first + column;
  int in_tile = static_cast<int>(threadIdx.x) / kPerRow;
  const T* from = matrix + int64_t{first_row + in_tile} * inputs + input;
  ASSAY_UNROLL
  for (int i = 0; i < kCount; i += kStep) {
    const bool exists = first_row + in_tile < rows;
    if (kCount % kStep != 0 && in_tile >= kCount) return;
    T* to = &tile[in_tile][column];
    if (aligned) {
      cp_async_16(to, from, exists && input < end);
    } else {
      for (int j = 0; j < kVector; ++j) to[j] = exists && input + j < end ? from[j] : from_float<T>(0.0F);
    }
    in_tile += kStep;
    from += int64_t{kStep} * inputs;
  }
}

// Puts a warp's sums of one piece where they belong. Addresses are counted on from one that the piece decides, and a
// row exists if its address lies before the end of the piece: 64 addresses and 32 comparisons that do not depend on the
// piece would be kept in registers throughout the kernel.
template <int kTiles>
__device__ inline void store_sums(const SkinnyLaunch& p, int piece, int first_output, int first_row,
                                  const float (&sums)[kTiles][4]) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const SkinnyLinearParams& product = p.product;
  const bool adds = p.whole && (piece > 0 || product.add);
  const int64_t piece_floats = int64_t{product.rows} * product.outputs;
  float* out = p.whole ? product.out : product.scratch + piece * piece_floats;
  const float* end = out + piece_floats;
  const int output = first_output + tile_output(lane, 0);
  out += int64_t{first_row + tile_row(lane, 0)} * product.outputs + output;
  ASSAY_UNROLL
  for (int tile = 0; tile < kTiles; ++tile) {
    ASSAY_UNROLL
    for (int i = 0; i < 4; ++i) {
      float* to = out + int64_t{i % 2} * product.outputs + i / 2 * 8;
      if (output + i / 2 * 8 >= product.outputs || to >= end) continue;
      *to = adds ? *to + sums[tile][i] : sums[tile][i];
    }
    out += int64_t{8} * product.outputs;
  }
}

// Grid (tiles of outputs, pieces, or 1 where a block sums the whole).
template <typename T, typename Shape>
__global__ void __launch_bounds__(Shape::kThreads, 1) skinny_linear_kernel(SkinnyLaunch p) {
  auto& shared = shared_as<SkinnyShared<T, Shape>>();
  const SkinnyLinearParams& product = p.product;
  const T* w = static_cast<const T*>(product.w);
  const T* x = static_cast<const T*>(product.x);
  const bool aligned = rows_aligned(w, product.inputs) && rows_aligned(x, product.inputs);
  const int first_output = static_cast<int>(blockIdx.x) * Shape::kOutputs;
  int piece = static_cast<int>(blockIdx.y);
  const int begin = piece * p.piece_inputs;
  const int end = p.whole || piece + 1 == p.pieces ? product.inputs : begin + p.piece_inputs;
  const int stages = (end - begin + kStageInputs<T> - 1) / kStageInputs<T>;

  const auto fetch = [&](int stage) {
    if (stage < stages) {
      auto& to = shared.stages[stage % Shape::kStages];
      const int first = begin + stage * kStageInputs<T>;
      fetch_tile<T, Shape::kOutputs, Shape::kThreads>(to.w, w, first_output, product.outputs, product.inputs, first,
                                                      end, aligned);
      fetch_tile<T, Shape::kRows, Shape::kThreads>(to.x, x, 0, product.rows, product.inputs, first, end, aligned);
    }
    cp_async_commit();
  };
  for (int stage = 0; stage + 1 < Shape::kStages; ++stage) fetch(stage);

  const int warp = static_cast<int>(threadIdx.x) / 32;
  const int warp_output = warp % Shape::kOutputWarps * 16;
  const int warp_row = warp / Shape::kOutputWarps * 8 * Shape::kTiles;
  const int piece_stages = p.piece_inputs / kStageInputs<T>;
  int stage = 0;
  while (stage < stages) {
    float sums[Shape::kTiles][4] = {};
    const int piece_end = min(stages, stage + piece_stages);
    for (; stage < piece_end; ++stage) {
      cp_async_wait<Shape::kStages - 2>();
      __syncthreads();  // the stage has come for all threads, and the one before it has been used by all
      fetch(stage + Shape::kStages - 1);
      const auto& now = shared.stages[stage % Shape::kStages];
      multiply_stage(&now.w[warp_output], &now.x[warp_row], sums);
    }
    store_sums(p, piece++, first_output + warp_output, warp_row, sums);
  }
  cp_async_wait<0>();
}

inline constexpr int kAddPiecesThreads = 256;

// Grid (rows, pieces of kAddPiecesThreads outputs).
template <int kThreads>
__global__ void __launch_bounds__(kThreads) add_pieces_kernel(SkinnyLaunch p) {
  const SkinnyLinearParams& product = p.product;
  const int output = static_cast<int>(blockIdx.y * kThreads + threadIdx.x);
  if (output >= product.outputs) return;
  const int64_t at = int64_t{blockIdx.x} * product.outputs + output;
  const int64_t piece_stride = int64_t{product.rows} * product.outputs;
  float sum = product.scratch[at];
  for (int piece = 1; piece < p.pieces; ++piece) sum += product.scratch[piece * piece_stride + at];
  product.out[at] = product.add ? product.out[at] + sum : sum;
}

}  // namespace assay::engine::cuda
