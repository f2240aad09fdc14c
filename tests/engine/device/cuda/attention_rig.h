// Sequences in a paged cache, steps over them through the attention kernels, and what attention is in f64.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/device/cuda/attention_plan.h"
#include "tests/engine/device/cuda/elements.h"

namespace assay::engine::cuda {

struct AttentionShape {
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
  float soft_cap = 0;
  int window = 0;
  float scale = 0;  // 0: 1 / sqrt(head_dim)
};

enum class AttentionKernel { kPrompt, kPieces, kPlain };

// A query depends on the seed and its position alone.
struct Sequence {
  uint32_t seed = 0;
  std::vector<int32_t> pages;
};

// Rows of a step: positions first .. first + rows - 1 of a sequence.
struct Stretch {
  const Sequence* sequence = nullptr;
  int first = 0;
  int rows = 0;
};

class AttentionRig {
 public:
  // Queries and keys are normal with the given deviation, values with deviation 1. Nothing is written yet: the cache is
  // full of NaN.
  AttentionRig(const AttentionShape& shape, const NamedType& type, int pages, float deviation = 1);

  // Writes keys and values of positions begin .. end - 1, which the seed and the position alone decide.
  void write(const Sequence& sequence, int begin, int end);
  // Sets one value, or key, of the cache.
  float& value(const Sequence& sequence, int position, int kv_head, int column);
  float& key(const Sequence& sequence, int position, int kv_head, int column);

  // The output of a step, (rows, heads * head_dim), in the order of the stretches.
  std::vector<float> run(AttentionKernel kernel, const std::vector<Stretch>& step) const;

  // Sees every element of `out` against f64, within section "Numbers" of kernels/attention.h.
  void compare(const std::vector<Stretch>& step, const std::vector<float>& out, Worst& worst) const;

  int width() const { return shape_.heads * shape_.head_dim; }

 private:
  size_t place(const Sequence& sequence, int position, int kv_head, int half) const;
  std::vector<float> queries(const Sequence& sequence, int position) const;
  void compare_row(const Sequence& sequence, int position, int head, const float* query, const float* out,
                   Worst& worst) const;
  std::vector<float> run_pieces(const AttentionInputs& in, const std::vector<DeviceSegment>& segments,
                                const std::vector<int32_t>& pages, size_t rows) const;

  AttentionShape shape_;
  NamedType type_;
  float deviation_;
  std::vector<float> cache_;
};

}  // namespace assay::engine::cuda
