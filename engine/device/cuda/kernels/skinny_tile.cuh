// A warp's share of a matrix product out of shared memory: 16 outputs times 8 rows, as often as there are tiles of
// rows.
//
// A stage is 128 bytes of each row of W and x, 16 bytes apart: eight rows that are read together lie in different
// banks.
#pragma once

#include <cuda_platform.h>

#include "engine/device/cuda/kernels/vectors.cuh"

namespace assay::engine::cuda {

template <typename T>
inline constexpr int kStageInputs = 128 / static_cast<int>(sizeof(T));
template <typename T>
inline constexpr int kStagePitch = kStageInputs<T> + 16 / static_cast<int>(sizeof(T));

// A lane's four sums of a tile, with lane = 4 g + t: sum i is of output g + 8 (i >> 1) and row 2 t + (i & 1).
__device__ inline int tile_output(int lane, int i) {
  return lane / 4 + i / 2 * 8;
}
__device__ inline int tile_row(int lane, int i) {
  return lane % 4 * 2 + i % 2;
}

// For 16-bit types by the tensor core. A load of x brings two groups of 16 inputs of one tile ...
template <typename T>
__device__ inline void multiply_one_tile(const T (*w)[kStagePitch<T>], const T (*x)[kStagePitch<T>], float (&sums)[4]) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  ASSAY_UNROLL
  for (int k = 0; k < kStageInputs<T>; k += 32) {
    uint32_t outputs[4];
    uint32_t rows[4];
    ldmatrix_x4(rows, &x[lane % 8][k + lane / 8 * 8]);
    ldmatrix_x4(outputs, &w[lane % 16][k + lane / 16 * 8]);
    mma_m16n8k16<T>(sums, outputs, {rows[0], rows[1]});
    ldmatrix_x4(outputs, &w[lane % 16][k + 16 + lane / 16 * 8]);
    mma_m16n8k16<T>(sums, outputs, {rows[2], rows[3]});
  }
}

// ... or one group of two tiles: the order of a sum is the same.
template <typename T, int kTiles>
__device__ inline void multiply_tile_pairs(const T (*w)[kStagePitch<T>], const T (*x)[kStagePitch<T>],
                                           float (&sums)[kTiles][4]) {
  static_assert(kTiles % 2 == 0);
  const int lane = static_cast<int>(threadIdx.x) % 32;
  const int x_row = lane / 16 * 8 + lane % 8;
  ASSAY_UNROLL
  for (int k = 0; k < kStageInputs<T>; k += 16) {
    uint32_t outputs[4];
    ldmatrix_x4(outputs, &w[lane % 16][k + lane / 16 * 8]);
    ASSAY_UNROLL
    for (int tile = 0; tile < kTiles; tile += 2) {
      uint32_t rows[4];
      ldmatrix_x4(rows, &x[tile * 8 + x_row][k + lane / 8 % 2 * 8]);
      mma_m16n8k16<T>(sums[tile], outputs, {rows[0], rows[1]});
      mma_m16n8k16<T>(sums[tile + 1], outputs, {rows[2], rows[3]});
    }
  }
}

// Four inputs of one row.
__device__ inline void load_four(const float* from, float (&to)[4]) {
  const Sixteen four = *reinterpret_cast<const Sixteen*>(from);
  ASSAY_UNROLL
  for (int i = 0; i < 4; ++i) to[i] = __builtin_bit_cast(float, four.words[i]);
}

// For f32 by fused multiply-adds.
template <int kTiles>
__device__ inline void multiply_floats(const float (*w)[kStagePitch<float>], const float (*x)[kStagePitch<float>],
                                       float (&sums)[kTiles][4]) {
  const int lane = static_cast<int>(threadIdx.x) % 32;
  for (int k = 0; k < kStageInputs<float>; k += 4) {
    float outputs[2][4];
    ASSAY_UNROLL
    for (int i = 0; i < 2; ++i) load_four(&w[tile_output(lane, 2 * i)][k], outputs[i]);
    ASSAY_UNROLL
    for (int tile = 0; tile < kTiles; ++tile) {
      float rows[2][4];
      ASSAY_UNROLL
      for (int i = 0; i < 2; ++i) load_four(&x[tile * 8 + tile_row(lane, i)][k], rows[i]);
      ASSAY_UNROLL
      for (int input = 0; input < 4; ++input) {
        ASSAY_UNROLL
        for (int i = 0; i < 4; ++i) {
          sums[tile][i] = multiply_add(outputs[i / 2][input], rows[i % 2][input], sums[tile][i]);
        }
      }
    }
  }
}

// sums += w (16 outputs, inputs of a stage) * x (8 kTiles rows, inputs of a stage) ^T, input by input in ascending
// order (in groups of 16 by the tensor core, within which it decides). The whole warp calls.
template <typename T, int kTiles>
__device__ inline void multiply_stage(const T (*w)[kStagePitch<T>], const T (*x)[kStagePitch<T>],
                                      float (&sums)[kTiles][4]) {
  if constexpr (sizeof(T) == 4) {
    multiply_floats(w, x, sums);
  } else if constexpr (kTiles == 1) {
    multiply_one_tile<T>(w, x, sums[0]);
  } else {
    multiply_tile_pairs<T>(w, x, sums);
  }
}

}  // namespace assay::engine::cuda
