#pragma once

#include "engine/device/cuda/kernels/log_softmax.h"
#include "engine/device/cuda/kernels/row_top.cuh"

namespace assay::engine::cuda {

inline constexpr int kLogSoftmaxThreads = 1024;

struct LogSoftmaxShared {
  RowTopShared<kLogSoftmaxThreads / 32> top;
  double sums[kLogSoftmaxThreads / 32];
};

// The first target of `row` or of a later one.
__device__ inline int first_target(const LogSoftmaxParams& p, int row) {
  int begin = 0;
  int end = p.count;
  while (begin < end) {
    const int middle = begin + (end - begin) / 2;
    if (p.targets[middle].row < row) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

// This thread's share of sum(exp(logit - top)): eight terms at a time as a tree in f32, the rest of the way in f64.
__device__ inline double sum_of_exp(const float* row, int vocab, bool aligned, float top) {
  double sum = 0;
  for (int first = static_cast<int>(threadIdx.x) * kEight; first < vocab; first += kLogSoftmaxThreads * kEight) {
    Eight terms = load_eight(row, first, vocab, aligned, -infinity());
    ASSAY_UNROLL
    for (int i = 0; i < kEight; ++i) terms.at[i] = exp_of_nonpositive(terms.at[i] - top);
    ASSAY_UNROLL
    for (int step = 1; step < kEight; step *= 2) {
      ASSAY_UNROLL
      for (int i = 0; i < kEight; i += 2 * step) terms.at[i] += terms.at[i + step];
    }
    sum += static_cast<double>(terms.at[0]);
  }
  return sum;
}

// One block a row of logits; it finds its targets, and a row that has none costs nothing.
template <int kThreads>
__global__ void __launch_bounds__(kThreads) log_softmax_kernel(LogSoftmaxParams p) {
  LogSoftmaxShared& shared = shared_as<LogSoftmaxShared>();
  const int at = static_cast<int>(blockIdx.x);
  const int begin = first_target(p, at);
  if (begin == p.count || p.targets[begin].row != at) return;
  const float* row = p.logits + int64_t{at} * p.vocab;
  const bool aligned = rows_aligned(p.logits, p.vocab);

  const RowTop top = row_top(row, p.vocab, aligned, shared.top);
  const bool usable = top.any_nan == 0 && is_finite(top.value);
  double log_sum = 0;
  if (usable) log_sum = log_of_at_least_one(block_sum(sum_of_exp(row, p.vocab, aligned, top.value), shared.sums));

  for (int i = begin + static_cast<int>(threadIdx.x); i < p.count && p.targets[i].row == at; i += kThreads) {
    LogProbability result;
    result.logprob = not_a_number();
    if (usable) {
      const TokenId token = p.targets[i].token;
      result.logprob = static_cast<float>(static_cast<double>(row[token]) - static_cast<double>(top.value) - log_sum);
      result.best = static_cast<float>(-log_sum);
      result.is_argmax = token == top.index;
    }
    p.out[i] = result;
  }
}

}  // namespace assay::engine::cuda
