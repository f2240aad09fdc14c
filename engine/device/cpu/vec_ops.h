// The arithmetic of the CPU's operations, as one table of functions an instruction set. Rows and heads at a time; who
// works on which of them is decided in ops*.cc and attention.cc, which are compiled for every machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/device/cpu/ops.h"

namespace assay::engine {

struct RowMaximum {
  float value = 0;  // over what is not a NaN; -infinity where there is nothing else
  bool any_nan = false;
};

// Query rows that read the same key head: `tokens` times `group` heads. Row r is head r % group of token r / group.
struct AttentionBlock {
  const float* const* queries = nullptr;  // of each token, (group, head_dim)
  float* const* outputs = nullptr;        // the same shape
  const int* positions = nullptr;         // of each token
  int tokens = 0;
  int group = 0;
  int head_dim = 0;
  float scale = 0;
  float soft_cap = 0;        // 0: scores stay as they are
  int window = 0;            // a token sees keys position - window + 1 .. position
  float* scratch = nullptr;  // attention_scratch(...) floats; kept from begin to end
};

// Consecutive pages of a sequence, from its page number `first` on.
struct PageRun {
  const float* chunks = nullptr;  // of page 0, this layer and key head (kv_cache.h)
  size_t page_stride = 0;         // floats
  const int32_t* pages = nullptr;
  int first = 0;
  int count = 0;
};

// Floats of scratch that a block of `rows` = tokens * group rows needs.
size_t attention_scratch(int rows, int head_dim);

struct VectorOps {
  float (*sum_of_squares)(const float* x, int n);
  // out = x * factor * weight; out may be x
  void (*scale_and_weigh)(const float* x, int n, float factor, const float* weight, float* out);
  // out += x * factor * weight
  void (*scale_weigh_and_add)(const float* x, int n, float factor, const float* weight, float* out);
  // (x[i], x[i + half]) turned by the angle whose cosine and sine are given
  void (*rotate)(float* x, int half, const float* cosines, const float* sines);
  void (*silu_and_multiply)(const float* gate, const float* up, int n, float* out);
  void (*gelu_and_multiply)(const float* gate, const float* up, int n, float* out);  // the tanh form
  void (*soft_cap)(float* x, int n, float cap);                                      // x = cap * tanh(x / cap)
  RowMaximum (*maximum)(const float* x, int n);
  // Sum of exp((x[i] - max) * factor), factor > 0: f32 within a block of 1,024, f64 over the blocks. The terms go to
  // `terms` unless it is null.
  double (*sum_of_exp)(const float* x, int n, float max, float factor, float* terms);

  // Attention with a running maximum and sum (Milakov, Gimelshein 2018, alg. 3): begin, then the pages of every token
  // in ascending order in as many calls as one likes, then end. How tokens and pages are grouped into calls does not
  // change a bit, nor do pages of which a token sees nothing.
  void (*attention_begin)(const AttentionBlock& block);
  void (*attention_pages)(const AttentionBlock& block, int first_token, int tokens, const PageRun& run);
  void (*attention_end)(const AttentionBlock& block);
};

extern const VectorOps kVectorOpsScalar;
extern const VectorOps kVectorOpsAvx2;
extern const VectorOps kVectorOpsAvx512;

}  // namespace assay::engine
