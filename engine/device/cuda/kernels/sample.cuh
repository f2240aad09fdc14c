// Candidates have an order: weight descending, then token ascending. Nothing sorts a vocabulary: the place in that
// order where the sum of weights passes a bound is found by bisection over keys that have the same order, until the
// candidates that are left fit a block, which ranks them and walks along.
#pragma once

#include "engine/device/cuda/kernels/row_top.cuh"
#include "engine/device/cuda/kernels/sample.h"

namespace assay::engine::cuda {

inline constexpr int kSampleThreads = 1024;
inline constexpr int kMostRanked = kSampleThreads;  // a thread ranks one candidate

// The candidates up to and with `key`: how many they are, and what they weigh together.
struct Prefix {
  uint64_t key = 0;
  double weight = 0;
  int64_t count = 0;
};

struct SampleShared {
  RowTopShared<kSampleThreads / 32> top;
  double sums[kSampleThreads / 32];
  int counts[kSampleThreads / 32];
  uint64_t found[kMostRanked];
  uint64_t ranked[kMostRanked];
  int found_count;
  Prefix result;
};

// A place in the order at which a prefix is heavy enough: at `weight`, or only beyond it.
struct Bound {
  double weight = 0;
  bool beyond = false;
  __device__ bool reached_by(double sum) const { return beyond ? sum > weight : sum >= weight; }
};

// The weights of one row and their order. Weights are at most 1, so their bit patterns, counted down from those of 2,
// are the upper part of a key greater than 0; the token is the lower part.
class Candidates {
 public:
  __device__ Candidates(float* weights, int vocab, bool aligned) : weights_(weights), vocab_(vocab), aligned_(aligned) {
    while ((int64_t{1} << token_bits_) < vocab) ++token_bits_;
  }

  __device__ uint64_t key(float weight, int token) const {
    return uint64_t{kTwo - __builtin_bit_cast(uint32_t, weight)} << token_bits_ | static_cast<uint64_t>(token);
  }
  __device__ uint64_t last_key() const { return (uint64_t{kTwo} << token_bits_) - 1; }
  __device__ float weight(uint64_t key) const {
    return __builtin_bit_cast(float, kTwo - static_cast<uint32_t>(key >> token_bits_));
  }
  __device__ int token(uint64_t key) const { return static_cast<int>(key & ((uint64_t{1} << token_bits_) - 1)); }

  // visit(key, weight) for the candidates of this thread. A weight of 0 cannot be drawn.
  template <typename Visit>
  __device__ void for_mine(Visit visit) const {
    for (int first = static_cast<int>(threadIdx.x) * kEight; first < vocab_; first += kSampleThreads * kEight) {
      const Eight eight = load_eight(weights_, first, vocab_, aligned_);
      ASSAY_UNROLL
      for (int i = 0; i < kEight; ++i) {
        if (eight.at[i] > 0) visit(key(eight.at[i], first + i), eight.at[i]);
      }
    }
  }

  // Writes this thread's weights. A logit that has none (minus infinity at an infinite temperature) gets 0.
  __device__ void weigh(const float* row, float top, float factor) const {
    for (int first = static_cast<int>(threadIdx.x) * kEight; first < vocab_; first += kSampleThreads * kEight) {
      Eight eight = load_eight(row, first, vocab_, aligned_, -infinity());
      ASSAY_UNROLL
      for (int i = 0; i < kEight; ++i) {
        const float weight = exp_of_nonpositive((eight.at[i] - top) * factor);
        eight.at[i] = weight > 0 ? weight : 0.0F;
      }
      store_eight(weights_, first, vocab_, aligned_, eight);
    }
  }

 private:
  static constexpr uint32_t kTwo = 0x40000000U;
  float* weights_;
  int vocab_;
  int token_bits_ = 0;
  bool aligned_;
};

// The whole block calls these.

__device__ inline Prefix prefix_up_to(const Candidates& candidates, uint64_t last, SampleShared& shared) {
  double weights = 0;
  int count = 0;
  candidates.for_mine([&](uint64_t key, float weight) {
    if (key <= last) {
      weights += static_cast<double>(weight);
      ++count;
    }
  });
  return {last, block_sum(weights, shared.sums), block_sum(count, shared.counts)};
}

// Puts the candidates after `before` and up to `last`, at most kMostRanked, into shared.ranked in their order. Returns
// how many.
__device__ inline int rank(const Candidates& candidates, uint64_t before, uint64_t last, SampleShared& shared) {
  if (threadIdx.x == 0) shared.found_count = 0;
  __syncthreads();
  candidates.for_mine([&](uint64_t key, float) {
    if (key > before && key <= last) shared.found[atomicAdd(&shared.found_count, 1)] = key;
  });
  __syncthreads();
  // Which place a candidate got above was a matter of chance; its rank is not.
  const int count = shared.found_count;
  const int mine = static_cast<int>(threadIdx.x);
  if (mine < count) {
    const uint64_t key = shared.found[mine];
    int smaller = 0;
    for (int i = 0; i < count; ++i) smaller += shared.found[i] < key ? 1 : 0;
    shared.ranked[smaller] = key;
  }
  __syncthreads();
  return count;
}

// The shortest prefix that reaches `bound`, among those no longer than `longest`; `longest` itself where rounding lets
// none reach it.
__device__ inline Prefix find_prefix(const Candidates& candidates, Prefix longest, Bound bound, SampleShared& shared) {
  Prefix before;
  while (longest.count - before.count > kMostRanked) {
    const Prefix middle = prefix_up_to(candidates, before.key + (longest.key - before.key) / 2, shared);
    if (middle.count > 0 && bound.reached_by(middle.weight)) {
      longest = middle;
    } else {
      before = middle;
    }
  }
  const int count = rank(candidates, before.key, longest.key, shared);
  if (threadIdx.x == 0) {
    Prefix result = before;
    for (int i = 0; i < count; ++i) {
      result.key = shared.ranked[i];
      result.weight += static_cast<double>(candidates.weight(result.key));
      ++result.count;
      if (bound.reached_by(result.weight)) break;
    }
    shared.result = result;
  }
  __syncthreads();
  return shared.result;
}

// One block a row.
template <int kThreads>
__global__ void __launch_bounds__(kThreads) sample_kernel(SampleParams p) {
  SampleShared& shared = shared_as<SampleShared>();
  const int64_t at = int64_t{blockIdx.x} * p.vocab;
  const bool aligned = rows_aligned(p.logits, p.vocab) && rows_aligned(p.weights, p.vocab);
  const DeviceDraw draw = p.draws[blockIdx.x];

  const RowTop top = row_top(p.logits + at, p.vocab, aligned, shared.top);
  const bool usable = top.any_nan == 0 && is_finite(top.value);
  if (!usable || draw.is_greedy != 0) {
    if (threadIdx.x == 0) p.out[blockIdx.x] = usable ? top.index : -1;
    return;
  }

  // A thread reads no other thread's weights.
  const Candidates candidates(p.weights + at, p.vocab, aligned);
  candidates.weigh(p.logits + at, top.value, draw.factor);
  Prefix nucleus = prefix_up_to(candidates, candidates.last_key(), shared);
  if (draw.top_p < 1) nucleus = find_prefix(candidates, nucleus, {draw.top_p * nucleus.weight, false}, shared);
  const Prefix drawn = find_prefix(candidates, nucleus, {draw.uniform * nucleus.weight, true}, shared);
  if (threadIdx.x == 0) p.out[blockIdx.x] = candidates.token(drawn.key);
}

}  // namespace assay::engine::cuda
