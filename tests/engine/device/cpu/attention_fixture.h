// Sequences whose attention is known in f64, and a cache to compute it in, step by step.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "engine/device/cpu/ops.h"
#include "tests/engine/device/cpu/vector_levels.h"

namespace assay::engine {

struct AttentionShape {
  int heads = 0;
  int kv_heads = 0;
  int head_dim = 0;
  float soft_cap = 0;
  int window = 0;
  size_t qkv() const { return static_cast<size_t>((heads + 2 * kv_heads) * head_dim); }
  size_t out() const { return static_cast<size_t>(heads * head_dim); }
  AttentionRule rule() const;
  // The first position that position t sees.
  int first_seen(int t) const { return window == 0 ? 0 : std::max(0, t + 1 - window); }
  std::vector<float> frequencies() const;
};

// Queries, keys and values of one sequence before rotation, (tokens, qkv).
struct Sequence {
  std::vector<float> qkv;
  std::vector<int32_t> pages;
};

Sequence random_sequence(const AttentionShape& shape, int tokens, uint32_t seed, std::vector<int32_t> pages);

// Rotation and attention of the whole sequence in f64: (tokens, out).
std::vector<double> attention_by_definition(const AttentionShape& shape, const Sequence& sequence);

// Tokens begin .. end - 1 of a sequence.
struct Piece {
  const Sequence* sequence = nullptr;
  int begin = 0;
  int end = 0;
};

// Layer 1 of a cache of two layers.
class AttentionRig {
 public:
  AttentionRig(const AttentionShape& shape, int pages, const VectorOps& ops, int threads);

  // One step: the outputs of all pieces in order, (tokens, out).
  std::vector<float> step(const std::vector<Piece>& pieces, const std::vector<PageCopy>& copies = {});

  // The whole sequence in steps of the given sizes (the last one repeated).
  std::vector<float> run(const Sequence& sequence, const std::vector<int>& sizes);

  // Fills a page with NaN, as an earlier sequence might have left it.
  void spoil(int page);

 private:
  AttentionShape shape_;
  CpuKvCache cache_;
  const VectorOps& ops_;
  ThreadPool pool_;
};

}  // namespace assay::engine
