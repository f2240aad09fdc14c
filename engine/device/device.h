// The seam: the dozen operations that a device offers and the forward pass (engine/model) is written against.
//
// Pointers named in an operation are device memory from `allocate`; the forward pass never dereferences them. Spans are
// host memory. All matrices are row-major f32. Operations run in the order in which they are called.
//
// Batch invariance, the contract of every operation: what is computed for one row of a step depends on that row's own
// inputs alone, bit for bit - not on the number of rows, its place among them, the other rows, or the number of
// threads.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/request.h"

namespace assay::engine {

// Positions that one page of the key-value cache holds. Attention is cut at multiples of it, counted from the start of
// the sequence, and nowhere else.
inline constexpr int kPageTokens = 32;

enum class DataType { kF32, kBf16 };

// Consecutive tokens of one sequence within a step.
struct Segment {
  int first_row = 0;  // row of its first token in the step
  int rows = 0;
  int first_position = 0;          // position of its first token in the sequence, from 0
  std::span<const int32_t> pages;  // page ids that cover positions 0 .. first_position + rows - 1
};

// The first `tokens` positions of page `from` become those of page `to`: a page that two sequences share up to its
// middle. Copies of a step run in order, in each layer, after the step's own keys and values are written.
struct PageCopy {
  int32_t from = 0;
  int32_t to = 0;
  int tokens = 0;
};

struct CacheShape {
  int layers = 0;
  int kv_heads = 0;
  int head_dim = 0;
  int pages = 0;
};

// A weight matrix W (outputs, inputs) in the device's own packed layout.
class Linear {
 public:
  virtual ~Linear() = default;
  virtual int outputs() const = 0;
  virtual int inputs() const = 0;
};

// A table whose rows are looked up: the embedding.
class Table {
 public:
  virtual ~Table() = default;
};

class KvCache {
 public:
  virtual ~KvCache() = default;
};

// Reads row `row` of a matrix as f32. Called from several threads.
using RowReader = std::function<void(int row, float* out)>;

// Where log-probabilities and argmax of one row of logits go.
struct LogProbability {
  float logprob = 0;       // of the target: logit - log(sum(exp(logits))), natural, f32
  bool is_argmax = false;  // the target is the first index of the maximum
  float best = 0;          // log-probability of the maximum
};
struct Target {
  int row = 0;  // row of `logits`
  TokenId token = 0;
};

class Device {
 public:
  virtual ~Device() = default;

  virtual std::string kernels() const = 0;  // the kernel set in use, for the manifest
  virtual int threads() const = 0;

  virtual std::shared_ptr<float[]> allocate(size_t floats) = 0;
  virtual void upload(float* to, std::span<const float> from) = 0;
  virtual void download(std::span<float> to, const float* from) = 0;

  // In kBf16 the weights are rounded to nearest even, and so is `x` in `linear`; sums are f32 in both.
  virtual std::unique_ptr<Linear> make_linear(int outputs, int inputs, DataType type, const RowReader& read) = 0;
  virtual std::unique_ptr<Table> make_table(int rows, int cols, DataType type, RowReader read) = 0;
  virtual std::unique_ptr<KvCache> make_cache(const CacheShape& shape) = 0;
  static int64_t cache_page_bytes(const CacheShape& shape) {
    return int64_t{2} * shape.layers * shape.kv_heads * shape.head_dim * kPageTokens * int64_t{sizeof(float)};
  }

  // out (ids, cols) = rows of the table
  virtual void embed(const Table& table, std::span<const TokenId> ids, float* out) = 0;

  // out (rows, dim) = x / sqrt(mean(x^2) + eps) * weight. Zhang, Sennrich 2019, eq. 4. out may be x.
  virtual void rms_norm(const float* x, int rows, int dim, const float* weight, float eps, float* out) = 0;

  // out (rows, outputs) = x (rows, inputs) * W^T, or out += that (the product is summed first, then added once).
  virtual void linear(const Linear& w, const float* x, int rows, float* out, bool add) = 0;

  // qkv (rows, (heads + 2 kv_heads) * head_dim): turns queries and keys by their position, in place, with pairs
  // (i, i + head_dim / 2) and angle position * frequencies[i] (head_dim / 2 of them, f64 product), and writes keys and
  // values of all segments into the pages of `layer`; then runs `copies`. Su et al. 2021, eq. 34.
  virtual void rope_and_cache_write(float* qkv, int heads, std::span<const double> frequencies,
                                    std::span<const Segment> segments, std::span<const PageCopy> copies, KvCache& cache,
                                    int layer) = 0;

  // Causal attention with grouped queries: query head h reads key head h / (heads / kv_heads); scores are scaled by
  // `scale`. qkv as above with turned queries; row r of `out` (rows, heads * head_dim) is the result of row r of qkv.
  // Each row's keys are reduced page by page from position 0 and the pages are merged in order by their log-sum-exp
  // (Milakov, Gimelshein 2018, alg. 3).
  virtual void attention(const float* qkv, int heads, float scale, std::span<const Segment> segments,
                         const KvCache& cache, int layer, float* out) = 0;

  // gate_up (rows, 2 * dim), gate first: out (rows, dim) = silu(gate) * up. Shazeer 2020, eq. 5 (SwiGLU).
  virtual void silu_and_multiply(const float* gate_up, int rows, int dim, float* out) = 0;

  // out (indices, dim) = x[indices]
  virtual void gather_rows(const float* x, int dim, std::span<const int> indices, float* out) = 0;

  // For each target, from logits (rows, vocab). A row with a NaN, or without any finite logit, gives a NaN logprob.
  virtual void log_softmax_and_gather(const float* logits, int rows, int vocab, std::span<const Target> targets,
                                      std::span<LogProbability> out) = 0;

  // Next token of each row of logits (rows, vocab): greedy (first index of the maximum) at temperature 0, else nucleus
  // sampling (Holtzman et al. 2020) with uniform_at(seed, sample_key, repeat, position). -1 where the row has a NaN.
  struct Draw {
    Sampling sampling;
    uint32_t position = 0;  // of the token to be drawn, counted from the first generated one
  };
  virtual void sample(const float* logits, int rows, int vocab, std::span<const Draw> draws,
                      std::span<TokenId> out) = 0;
};

}  // namespace assay::engine
