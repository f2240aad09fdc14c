// The seam: the two dozen operations that a device offers and the forward pass (engine/model) is written against.
//
// A Matrix is device memory from `allocate`, row-major; spans are host memory. Operations run in the order in which
// they are called, and read their spans before they return. A device may compute after they have returned: results in
// spans are there once wait() has returned, and until then the spans must stay where they are.
//
// Batch invariance, the contract of every operation: what is computed for one row of a step depends on that row's own
// inputs alone, bit for bit - not on the number of rows, its place among them, the other rows, or the number of
// threads. Whether the row's token is one of a prompt or a generated one may decide how it is computed: that is a fact
// of its own request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/device/activation.h"
#include "engine/device/data_type.h"
#include "engine/device/page.h"
#include "engine/device/row_reader.h"
#include "engine/request.h"

namespace assay::engine {

// What a matrix of activations is for. The stream, which layers add to, and logits are f32 everywhere; in what type a
// device keeps the inputs of its matrix products and their outputs is its own affair.
enum class Role { kStream, kOperand, kProduct };

// Activations in device memory; a copy refers to the same. The forward pass never dereferences them.
struct Matrix {
  std::shared_ptr<void> memory;
  DataType type = DataType::kF32;
  int cols = 0;
  size_t first_row = 0;  // row of `memory` that is row 0 here

  void* data() const {
    return static_cast<std::byte*>(memory.get()) + first_row * static_cast<size_t>(cols) * bytes_of(type);
  }
  float* f32() const { return static_cast<float*>(data()); }  // where that is its type
  Matrix from_row(int row) const { return {memory, type, cols, first_row + static_cast<size_t>(row)}; }
};

// Rows of a step, or of those of its rows that somebody wants. Generated tokens come first.
struct RowCount {
  int generated = 0;
  int prompt = 0;
  int total() const { return generated + prompt; }
};

// Consecutive tokens of one sequence within a step.
struct Segment {
  int first_row = 0;  // row of its first token in the step
  int rows = 0;
  int first_position = 0;          // position of its first token in the sequence, from 0
  std::span<const int32_t> pages;  // page ids that cover positions 0 .. first_position + rows - 1
  bool generated = false;          // tokens that the model drew; such segments come before those of prompts
};

// The first `tokens` positions of page `from` become those of page `to`: a page that two sequences share up to its
// middle. Copies of a step run in order, in each layer, after the step's own keys and values are written.
struct PageCopy {
  int32_t from = 0;
  int32_t to = 0;
  int tokens = 0;
};

// Segments and copies of a step as its layers need them; a device may bring them into its own memory, once.
class Layout {
 public:
  virtual ~Layout() = default;
};

struct CacheShape {
  int layers = 0;
  int kv_heads = 0;
  int head_dim = 0;
  int pages = 0;
};

// How scores of one layer become weights of its values.
struct AttentionRule {
  int heads = 0;       // of queries
  float scale = 0;     // of scores
  float soft_cap = 0;  // scaled scores become cap * tanh(score / cap); 0: they stay
  int window = 0;      // position i sees j with i - window < j <= i; 0: all j <= i
};

// Which experts the rows of a step chose. A place is one choice of one row; places stand expert by expert, and within
// an expert those of generated tokens come first, each in the order of the rows.
class Routing {
 public:
  virtual ~Routing() = default;
  virtual int first_place(int expert) const = 0;
  virtual RowCount places(int expert) const = 0;
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

  virtual std::string kind() const = 0;     // cpu | cuda
  virtual std::string kernels() const = 0;  // the kernel set in use, for the manifest
  virtual int threads() const = 0;          // of the host
  virtual int step_tokens() const = 0;      // that one step had better have at most
  // Error(kBadInput) for attention that it cannot compute.
  virtual void check_attention(int heads, int kv_heads, int head_dim) const = 0;
  // Bytes that are free in the device's own memory; nothing where it computes in the host's.
  virtual std::optional<int64_t> own_memory() const = 0;

  // Until all that was asked for has been done.
  virtual void wait() = 0;

  // Rows of `cols` elements, uninitialised.
  virtual Matrix allocate(Role role, int rows, int cols) = 0;
  // f32 matrices, from their first row. `download` waits.
  virtual void upload(const Matrix& to, std::span<const float> from) = 0;
  virtual void download(std::span<float> to, const Matrix& from) = 0;

  // In kBf16 and kF16 the weights are rounded to nearest even, and so is `x` in `linear`; sums are f32 in all.
  virtual std::unique_ptr<Linear> make_linear(int outputs, int inputs, DataType type, const RowReader& read) = 0;
  virtual std::unique_ptr<Table> make_table(int rows, int cols, DataType type, RowReader read) = 0;
  virtual std::unique_ptr<KvCache> make_cache(const CacheShape& shape) = 0;
  // Of one page in all layers; `shape.pages` does not matter.
  virtual int64_t cache_page_bytes(const CacheShape& shape) const = 0;
  // Rows of logits that exist at once: enough to keep a product busy, few enough that 128,000 columns are no burden.
  virtual int logit_rows() const = 0;

  // The segments cover all rows of a step or a part of them, in order. Valid while what it was made of is.
  virtual std::unique_ptr<Layout> lay_out(std::span<const Segment> segments, std::span<const PageCopy> copies) = 0;

  // Runs `operations`, which compute a step of generated tokens alone from `layout`, `cache` and matrices: the same
  // operations on the same matrices whenever a step has as many rows. A device may record them and run the record for
  // another layout instead.
  virtual void run_decode(Layout& layout, KvCache& cache, const std::function<void()>& operations) = 0;

  // out (ids, cols) = scale * rows of the table
  virtual void embed(const Table& table, std::span<const TokenId> ids, float scale, const Matrix& out) = 0;

  // out (rows, dim) = x / sqrt(mean(x^2) + eps) * weight. Zhang, Sennrich 2019, eq. 4. out may be x.
  virtual void rms_norm(const Matrix& x, int rows, const Matrix& weight, float eps, const Matrix& out) = 0;
  // out (rows, dim) += that of x, a product
  virtual void rms_norm_and_add(const Matrix& x, int rows, const Matrix& weight, float eps, const Matrix& out) = 0;
  // The same in place for `blocks` blocks of weight.cols columns of each row of x, a product, from column first_col on.
  virtual void rms_norm_blocks(const Matrix& x, int rows, int first_col, int blocks, const Matrix& weight,
                               float eps) = 0;

  // out (rows, cols), an operand, = x, the stream: where a product reads it and no norm stands between them
  virtual void copy_to_operand(const Matrix& x, int rows, const Matrix& out) = 0;

  // x (rows, cols), a product, += bias (cols)
  virtual void add_bias(const Matrix& x, int rows, const Matrix& bias) = 0;

  // out (rows, outputs) = x (rows, inputs) * W^T, or out += that (the product is summed first, then added once).
  virtual void linear(const Linear& w, const Matrix& x, RowCount rows, const Matrix& out, bool add) = 0;

  // qkv (rows, (heads + 2 kv_heads) * head_dim): turns queries and keys by their position, in place, with pairs
  // (i, i + head_dim / 2) and angle rotation_angle(position, frequencies[i]) (head_dim / 2 of them), and writes keys
  // and values of all segments into the pages of `layer`; then runs the layout's copies. Su et al. 2021, eq. 34.
  virtual void rope_and_cache_write(const Matrix& qkv, int heads, std::span<const float> frequencies, Layout& layout,
                                    KvCache& cache, int layer) = 0;

  // Causal attention with grouped queries: query head h reads key head h / (heads / kv_heads). qkv as above with turned
  // queries; row r of `out` (rows, heads * head_dim) is the result of row r of qkv. Each row's keys are reduced page by
  // page from the first that it sees and the pages are merged in order by their log-sum-exp (Milakov, Gimelshein 2018,
  // alg. 3); a device may reduce several pages at once, cut at fixed positions.
  virtual void attention(const Matrix& qkv, const AttentionRule& rule, Layout& layout, const KvCache& cache, int layer,
                         const Matrix& out) = 0;

  // gate_up (rows, 2 * dim), gate first: out (rows, dim) = activation(gate) * up. Shazeer 2020, eq. 5 (SwiGLU, GEGLU).
  virtual void activate_and_multiply(const Matrix& gate_up, int rows, Activation activation, const Matrix& out) = 0;

  // The `choices` experts with the largest router logits (rows, experts) of each row, the first of equal ones, weighted
  // by the softmax of those logits. Jiang et al. 2024, "Mixtral of Experts", section 2.1. A row with a NaN chooses the
  // first experts, with NaN as weights.
  virtual std::unique_ptr<Routing> route(const Matrix& logits, RowCount rows, int choices) = 0;
  // out (places, cols) = rows of x
  virtual void gather_places(const Matrix& x, const Routing& routing, const Matrix& out) = 0;
  // out (rows, cols) += each row's places of x, a product, weighted and summed from the best choice on
  virtual void combine_places(const Matrix& x, const Routing& routing, const Matrix& out) = 0;

  // x (rows, cols) f32 = cap * tanh(x / cap)
  virtual void soft_cap(const Matrix& x, int rows, float cap) = 0;

  // out (indices, cols) = x[indices]
  virtual void gather_rows(const Matrix& x, std::span<const int> indices, const Matrix& out) = 0;

  // For each target, from logits (rows, vocab). A row with a NaN, or without any finite logit, gives a NaN logprob.
  // Targets ascend by row.
  virtual void log_softmax_and_gather(const Matrix& logits, int rows, std::span<const Target> targets,
                                      std::span<LogProbability> out) = 0;

  // Next token of each row of logits (rows, vocab): greedy (first index of the maximum) at temperature 0, else nucleus
  // sampling (Holtzman et al. 2020) with uniform_at(seed, sample_key, repeat, position). -1 where the row has a NaN.
  struct Draw {
    Sampling sampling;
    uint32_t position = 0;  // of the token to be drawn, counted from the first generated one
  };
  virtual void sample(const Matrix& logits, int rows, std::span<const Draw> draws, std::span<TokenId> out) = 0;
};

}  // namespace assay::engine
