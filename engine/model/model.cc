#include "engine/model/model.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/model/rope.h"

namespace assay::engine {
namespace {

// Rows of logits that exist at once: enough to keep a matrix product busy, few enough that a vocabulary of 128,000
// stays at 33 MB.
constexpr int kLogitRows = 64;

using Floats = std::shared_ptr<float[]>;

// One matrix on top of another: what reads the same input is one product.
RowReader stack(std::vector<WeightMatrix> matrices) {
  return [matrices = std::move(matrices)](int row, float* out) {
    for (const WeightMatrix& matrix : matrices) {
      if (row < matrix.rows) return matrix.read(row, out);
      row -= matrix.rows;
    }
  };
}

struct Layer {
  Floats attention_norm;                     // (dim)
  std::unique_ptr<Linear> qkv;               // ((heads + 2 kv_heads) * head_dim, dim)
  std::unique_ptr<Linear> attention_output;  // (dim, heads * head_dim)
  Floats ffn_norm;                           // (dim)
  std::unique_ptr<Linear> gate_up;           // (2 ffn_dim, dim)
  std::unique_ptr<Linear> down;              // (dim, ffn_dim)
};

// Rows of the step whose logits are wanted, ascending, each once.
std::vector<int> wanted_rows(const Step& step) {
  std::vector<int> rows;
  for (const Target& target : step.targets) rows.push_back(target.row);
  for (const Step::NextToken& next : step.next_tokens) rows.push_back(next.row);
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

// The parts of `segments` that cover `rows` (ascending) and nothing else, as runs of consecutive rows.
std::vector<Segment> restrict_to(std::span<const Segment> segments, std::span<const int> rows) {
  std::vector<Segment> parts;
  auto segment = segments.begin();
  for (int row : rows) {
    bool same_segment = true;
    while (row >= segment->first_row + segment->rows) {
      ++segment;
      same_segment = false;
    }
    if (!parts.empty() && same_segment && parts.back().first_row + parts.back().rows == row) {
      ++parts.back().rows;
    } else {
      parts.push_back({row, 1, segment->first_position + row - segment->first_row, segment->pages});
    }
  }
  return parts;
}

}  // namespace

struct Model::Impl {
  // Called with a layer's number and its output (rows of `rows`, dim); for the search for a NaN.
  using LayerObserver = std::function<void(int layer, const float* x, std::span<const int> rows)>;

  Checkpoint checkpoint;  // the embedding stays in its mapped file
  Architecture arch;
  Device& device;
  DataType type;
  int max_rows;
  std::vector<double> frequencies;

  std::unique_ptr<Table> embedding;
  std::vector<Layer> layers;
  Floats final_norm;
  std::unique_ptr<Linear> head;
  std::unique_ptr<KvCache> cache;

  // Activations, named by what the paper calls them; (rows, ...) each.
  Floats x;                // (dim) residual stream
  Floats normed;           // (dim)
  Floats qkv;              // ((heads + 2 kv_heads) * head_dim)
  Floats attended;         // (heads * head_dim)
  Floats gate_up;          // (2 ffn_dim)
  Floats ffn;              // (ffn_dim)
  Floats wanted_x;         // (dim) rows of x whose logits are wanted
  Floats wanted_attended;  // (heads * head_dim)
  Floats logits;           // (kLogitRows, vocab)

  Impl(const Checkpoint& source, Device& on, DataType data_type, int rows)
      : checkpoint(source),
        arch(source.architecture()),
        device(on),
        type(data_type),
        max_rows(rows),
        frequencies(rope_frequencies(arch.rope, arch.head_dim)) {
    load_weights();
    const size_t n = static_cast<size_t>(max_rows);
    x = device.allocate(n * arch.dim);
    normed = device.allocate(n * arch.dim);
    qkv = device.allocate(n * qkv_dim());
    attended = device.allocate(n * query_dim());
    gate_up = device.allocate(n * 2 * arch.ffn_dim);
    ffn = device.allocate(n * arch.ffn_dim);
    wanted_x = device.allocate(n * arch.dim);
    wanted_attended = device.allocate(n * query_dim());
    logits = device.allocate(size_t{kLogitRows} * arch.vocab);
  }

  int query_dim() const { return arch.heads * arch.head_dim; }
  int qkv_dim() const { return (arch.heads + 2 * arch.kv_heads) * arch.head_dim; }

  Floats load_vector(Weight which, int layer = 0) {
    const WeightMatrix vector = checkpoint.weight(which, layer);
    std::vector<float> values(static_cast<size_t>(vector.cols));
    vector.read(0, values.data());
    Floats loaded = device.allocate(values.size());
    device.upload(loaded.get(), values);
    return loaded;
  }

  std::unique_ptr<Linear> load_linear(std::initializer_list<Weight> parts, int layer = 0) {
    std::vector<WeightMatrix> matrices;
    int outputs = 0;
    for (Weight which : parts) {
      matrices.push_back(checkpoint.weight(which, layer));
      outputs += matrices.back().rows;
    }
    const int inputs = matrices.front().cols;
    return device.make_linear(outputs, inputs, type, stack(std::move(matrices)));
  }

  void load_weights() {
    const WeightMatrix table = checkpoint.weight(Weight::kEmbedding);
    embedding = device.make_table(table.rows, table.cols, type, table.read);
    layers.resize(static_cast<size_t>(arch.layers));
    for (int i = 0; i < arch.layers; ++i) {
      Layer& layer = layers[static_cast<size_t>(i)];
      layer.attention_norm = load_vector(Weight::kAttentionNorm, i);
      layer.qkv = load_linear({Weight::kQuery, Weight::kKey, Weight::kValue}, i);
      layer.attention_output = load_linear({Weight::kAttentionOutput}, i);
      layer.ffn_norm = load_vector(Weight::kFfnNorm, i);
      layer.gate_up = load_linear({Weight::kGate, Weight::kUp}, i);
      layer.down = load_linear({Weight::kDown}, i);
    }
    final_norm = load_vector(Weight::kFinalNorm);
    head = load_linear({Weight::kHead});
  }

  // x (rows, dim) += feed-forward of x
  void feed_forward(const Layer& layer, float* stream, int rows) {
    device.rms_norm(stream, rows, arch.dim, layer.ffn_norm.get(), arch.norm_eps, normed.get());
    device.linear(*layer.gate_up, normed.get(), rows, gate_up.get(), false);
    device.silu_and_multiply(gate_up.get(), rows, arch.ffn_dim, ffn.get());
    device.linear(*layer.down, ffn.get(), rows, stream, true);
  }

  // Runs all layers and leaves the final hidden state of `wanted` rows in wanted_x. The last layer writes keys and
  // values for every row, but all else only for the wanted ones.
  void run_layers(const Step& step, std::span<const int> wanted, const LayerObserver& observe = {}) {
    const int rows = static_cast<int>(step.tokens.size());
    const float scale = static_cast<float>(1 / std::sqrt(static_cast<double>(arch.head_dim)));
    const std::vector<Segment> wanted_segments = restrict_to(step.segments, wanted);
    std::vector<int> all_rows;
    if (observe) {
      for (int row = 0; row < rows; ++row) all_rows.push_back(row);
    }

    device.embed(*embedding, step.tokens, x.get());
    if (observe) observe(-1, x.get(), all_rows);
    for (int i = 0; i < arch.layers; ++i) {
      const Layer& layer = layers[static_cast<size_t>(i)];
      device.rms_norm(x.get(), rows, arch.dim, layer.attention_norm.get(), arch.norm_eps, normed.get());
      device.linear(*layer.qkv, normed.get(), rows, qkv.get(), false);
      device.rope_and_cache_write(qkv.get(), arch.heads, frequencies, step.segments, step.copies, *cache, i);
      if (i + 1 < arch.layers) {
        device.attention(qkv.get(), arch.heads, scale, step.segments, *cache, i, attended.get());
        device.linear(*layer.attention_output, attended.get(), rows, x.get(), true);
        feed_forward(layer, x.get(), rows);
        if (observe) observe(i, x.get(), all_rows);
      } else if (!wanted.empty()) {
        const int count = static_cast<int>(wanted.size());
        device.attention(qkv.get(), arch.heads, scale, wanted_segments, *cache, i, attended.get());
        device.gather_rows(attended.get(), query_dim(), wanted, wanted_attended.get());
        device.gather_rows(x.get(), arch.dim, wanted, wanted_x.get());
        device.linear(*layer.attention_output, wanted_attended.get(), count, wanted_x.get(), true);
        feed_forward(layer, wanted_x.get(), count);
        if (observe) observe(i, wanted_x.get(), wanted);
      }
    }
  }

  // Logits of the next rows of wanted_x, chunk by chunk: consume(first, count) finds them in `logits`.
  void for_logits(int wanted, const std::function<void(int first, int count)>& consume) {
    device.rms_norm(wanted_x.get(), wanted, arch.dim, final_norm.get(), arch.norm_eps, wanted_x.get());
    for (int first = 0; first < wanted; first += kLogitRows) {
      const int count = std::min(kLogitRows, wanted - first);
      device.linear(*head, wanted_x.get() + static_cast<size_t>(first) * arch.dim, count, logits.get(), false);
      consume(first, count);
    }
  }

  [[noreturn]] void report_nan(const Step& step, std::span<const int> wanted, int row) {
    // The step is run again with an eye on each layer: keys and values are written where they were.
    NanFound found{arch.layers, row};
    std::vector<float> host;
    run_layers(step, wanted, [&](int layer, const float* values, std::span<const int> rows) {
      const size_t dim = static_cast<size_t>(arch.dim);
      host.resize(rows.size() * dim);
      device.download(host, values);
      const auto at = static_cast<size_t>(std::lower_bound(rows.begin(), rows.end(), row) - rows.begin());
      const auto finite = [](float value) { return std::isfinite(value); };
      if (!std::all_of(&host[at * dim], &host[at * dim] + dim, finite)) found.layer = std::min(found.layer, layer);
    });
    throw found;
  }

  StepResult forward(const Step& step) {
    const std::vector<int> wanted = wanted_rows(step);
    run_layers(step, wanted);
    StepResult result;
    result.logprobs.resize(step.targets.size());
    result.next_tokens.resize(step.next_tokens.size());
    size_t target = 0;
    size_t next = 0;
    for_logits(static_cast<int>(wanted.size()), [&](int first, int count) {
      const auto chunk_row = [&](int row) {
        return static_cast<int>(std::lower_bound(wanted.begin() + first, wanted.begin() + first + count, row) -
                                (wanted.begin() + first));
      };
      const int last_row = wanted[static_cast<size_t>(first + count - 1)];
      score_targets(step, target, last_row, count, chunk_row, result);
      draw_tokens(step, next, last_row, chunk_row, result);
    });
    for (size_t i = 0; i < result.logprobs.size(); ++i) {
      if (std::isnan(result.logprobs[i].logprob)) report_nan(step, wanted, step.targets[i].row);
    }
    for (size_t i = 0; i < result.next_tokens.size(); ++i) {
      if (result.next_tokens[i] < 0) report_nan(step, wanted, step.next_tokens[i].row);
    }
    return result;
  }

  template <typename ChunkRow>
  void score_targets(const Step& step, size_t& target, int last_row, int count, const ChunkRow& chunk_row,
                     StepResult& result) {
    std::vector<Target> targets;
    const size_t first = target;
    for (; target < step.targets.size() && step.targets[target].row <= last_row; ++target) {
      targets.push_back({chunk_row(step.targets[target].row), step.targets[target].token});
    }
    if (targets.empty()) return;
    device.log_softmax_and_gather(logits.get(), count, arch.vocab, targets,
                                  std::span(result.logprobs).subspan(first, targets.size()));
  }

  template <typename ChunkRow>
  void draw_tokens(const Step& step, size_t& next, int last_row, const ChunkRow& chunk_row, StepResult& result) {
    // Several samples of one prompt may want a token from the same row: draws go in groups of distinct, ascending rows
    // of the chunk, one call for each run of consecutive rows.
    while (next < step.next_tokens.size() && step.next_tokens[next].row <= last_row) {
      const int first_row = chunk_row(step.next_tokens[next].row);
      const size_t first = next;
      std::vector<Device::Draw> draws;
      while (next < step.next_tokens.size() && step.next_tokens[next].row <= last_row &&
             chunk_row(step.next_tokens[next].row) == first_row + static_cast<int>(draws.size())) {
        draws.push_back(step.next_tokens[next++].draw);
      }
      device.sample(logits.get() + static_cast<size_t>(first_row) * arch.vocab, static_cast<int>(draws.size()),
                    arch.vocab, draws, std::span(result.next_tokens).subspan(first, draws.size()));
    }
  }
};

Model::Model(const Checkpoint& checkpoint, Device& device, DataType type, int max_rows)
    : impl_(std::make_unique<Impl>(checkpoint, device, type, max_rows)) {}
Model::~Model() = default;

void Model::make_cache(int pages) {
  const Architecture& arch = impl_->arch;
  impl_->cache = impl_->device.make_cache({arch.layers, arch.kv_heads, arch.head_dim, pages});
}

StepResult Model::forward(const Step& step) {
  return impl_->forward(step);
}

std::vector<float> Model::logits(const Step& step) {
  std::vector<int> all(step.tokens.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
  impl_->run_layers(step, all);
  const size_t vocab = static_cast<size_t>(impl_->arch.vocab);
  std::vector<float> result(all.size() * vocab);
  impl_->for_logits(static_cast<int>(all.size()), [&](int first, int count) {
    impl_->device.download(
        std::span(result).subspan(static_cast<size_t>(first) * vocab, static_cast<size_t>(count) * vocab),
        impl_->logits.get());
  });
  return result;
}

int64_t weight_bytes(const Architecture& a, DataType type) {
  const int64_t dim = a.dim;
  const int64_t query = int64_t{a.heads} * a.head_dim;
  const int64_t key = int64_t{a.kv_heads} * a.head_dim;
  const int64_t layer = dim * (2 * query + 2 * key) + 3 * dim * a.ffn_dim;
  return (a.layers * layer + dim * a.vocab) * (type == DataType::kF32 ? 4 : 2);
}

int64_t page_bytes(const Architecture& a) {
  return Device::cache_page_bytes({a.layers, a.kv_heads, a.head_dim, 1});
}

}  // namespace assay::engine
