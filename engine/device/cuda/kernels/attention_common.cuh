// What all attention kernels use.
#pragma once

#include <cuda_platform.h>

#include "engine/device/cuda/kernels/attention.h"
#include "engine/device/cuda/kernels/numbers.cuh"

namespace assay::engine::cuda {

inline constexpr int kWarp = 32;
inline constexpr unsigned kWholeWarp = 0xffffffffU;
inline constexpr float kLog2E = 1.44269504088896340736F;

// From the product of a query and a key to a power of 2.
struct ScoreScale {
  float to_exponent = 0;  // weight = 2^(to_exponent * score - maximum)
  float soft_cap = 0;     // 0: none
  float to_cap = 0;       // 2 log2(e) * scale / soft_cap
  int window = 0;         // 0: none
};

__device__ inline ScoreScale score_scale(const AttentionInputs& in) {
  if (in.soft_cap > 0) return {kLog2E, in.soft_cap, 2 * kLog2E * in.scale / in.soft_cap, in.window};
  return {kLog2E * in.scale, 0, 0, in.window};
}

// tanh(x) = 1 - 2 / (e^2x + 1)
__device__ inline float cap_score(float score, const ScoreScale& scale) {
  return scale.soft_cap - 2 * scale.soft_cap / (exponential2(scale.to_cap * score) + 1);
}

// Whether a query at position `query` sees `position`.
__device__ inline bool sees(int query, int position, int window) {
  return position <= query && (window <= 0 || position > query - window);
}

// 0 for the maximum of a row that has seen no key, so that infinities are not subtracted.
__device__ inline float finite_maximum(float max) {
  return max == -infinity() ? 0 : max;
}

// A value that is not finite makes NaN or infinity of a row's sum, as it was hidden from other rows or not: NaN for
// both, so that the row does not know.
__device__ inline float finite_or_nan(float x) {
  return is_finite(x) ? x : not_a_number();
}

}  // namespace assay::engine::cuda
