// The maximum of a row of logits, and its first index: where log-softmax and sampling begin.
#pragma once

#include "engine/device/cuda/kernels/numbers.cuh"
#include "engine/device/cuda/kernels/reduce.cuh"
#include "engine/device/cuda/kernels/vectors.cuh"

namespace assay::engine::cuda {

struct RowTop {
  float value = 0;  // minus infinity where the row has nothing else but NaN
  int index = 0;    // the first with that value; -0 and 0 are equal
  int any_nan = 0;
};

template <int kWarps>
struct RowTopShared {
  float values[kWarps];
  int indices[kWarps];
};

// The whole block calls.
template <int kWarps>
__device__ inline RowTop row_top(const float* row, int vocab, bool aligned, RowTopShared<kWarps>& shared) {
  RowTop mine{-infinity(), vocab, 0};
  for (int first = static_cast<int>(threadIdx.x) * kEight; first < vocab; first += kWarps * 32 * kEight) {
    const Eight logits = load_eight(row, first, vocab, aligned, -infinity());
    ASSAY_UNROLL
    for (int i = 0; i < kEight; ++i) {
      mine.any_nan |= logits.at[i] != logits.at[i] ? 1 : 0;
      if (logits.at[i] > mine.value) {
        mine.value = logits.at[i];
        mine.index = first + i;
      }
    }
  }
  RowTop all;
  all.value = block_reduce(mine.value, shared.values, [](float a, float b) { return a > b ? a : b; });
  const int first = mine.value == all.value ? mine.index : vocab;
  all.index = block_reduce(first, shared.indices, [](int a, int b) { return a < b ? a : b; });
  all.any_nan = block_reduce(mine.any_nan, shared.indices, [](int a, int b) { return a | b; });
  return all;
}

}  // namespace assay::engine::cuda
