#pragma once

#include "engine/device/cuda/kernels/choose_experts.h"
#include "engine/device/cuda/kernels/numbers.cuh"

namespace assay::engine::cuda {

inline constexpr int kChooseThreads = 64;

struct RankedExpert {
  float logit;
  int expert;
};

// The best of those that come after `last`: first by their logits, then by their numbers. No logit is NaN.
__device__ inline RankedExpert next_expert(const float* logits, int experts, const RankedExpert& last) {
  RankedExpert best{-infinity(), experts};
  for (int expert = 0; expert < experts; ++expert) {
    const float logit = logits[expert];
    const bool comes_after = logit < last.logit || (logit == last.logit && expert > last.expert);
    if (comes_after && (logit > best.logit || best.expert == experts)) best = {logit, expert};
  }
  return best;
}

// A thread a row: there are few experts.
template <int kThreads>
__global__ void __launch_bounds__(kThreads) choose_experts_kernel(ChooseExpertsParams p) {
  const int64_t row = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  if (row >= p.rows) return;
  const float* logits = p.logits + row * p.experts;
  int32_t* chosen = p.chosen + row * p.choices;
  float* weights = p.weights + row * p.choices;
  bool any_nan = false;
  for (int expert = 0; expert < p.experts; ++expert) any_nan = any_nan || logits[expert] != logits[expert];

  RankedExpert last{infinity(), -1};
  float top = 0;
  float sum = 0;
  for (int choice = 0; choice < p.choices; ++choice) {
    last = any_nan ? RankedExpert{not_a_number(), choice} : next_expert(logits, p.experts, last);
    if (choice == 0) top = last.logit;
    const float weight = exp_of_nonpositive(last.logit - top);
    sum += weight;
    chosen[choice] = last.expert;
    weights[choice] = weight;
  }
  for (int choice = 0; choice < p.choices; ++choice) weights[choice] /= sum;
}

}  // namespace assay::engine::cuda
