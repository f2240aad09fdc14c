#include "engine/model/model.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/error.h"
#include "engine/model/rope.h"
#include "engine/model/step_rows.h"
#include "engine/model/weights.h"

namespace assay::engine {
namespace {

// Elements of the matrices of all layers, with so many of the experts where there are any.
int64_t weights_of_layers(const Architecture& a, int experts) {
  const int64_t dim = a.dim;
  const int64_t query = int64_t{a.heads} * a.head_dim;
  const int64_t key = int64_t{a.kv_heads} * a.head_dim;
  const int64_t ffn = 3 * dim * a.ffn_dim;
  return a.layers * (dim * (2 * query + 2 * key) + (a.experts > 0 ? experts * ffn + a.experts * dim : ffn));
}

}  // namespace

struct Model::Impl {
  // Called with a layer's number and its output (rows of `rows`, dim); for the search for a NaN.
  using LayerObserver = std::function<void(int layer, const Matrix& x, std::span<const int> rows)>;

  Checkpoint checkpoint;  // the embedding stays in its mapped file
  Architecture arch;
  Device& device;
  std::vector<float> frequencies;
  NetworkWeights weights;
  std::unique_ptr<KvCache> cache;

  // Activations, named by what the paper calls them; (rows, ...) each. A place is a row's choice of an expert.
  Matrix x;                // (dim) residual stream
  Matrix normed;           // (dim)
  Matrix qkv;              // ((heads + 2 kv_heads) * head_dim)
  Matrix attended;         // (heads * head_dim)
  Matrix gate_up;          // (2 ffn_dim)
  Matrix ffn;              // (ffn_dim)
  Matrix block_output;     // (dim) of attention or feed-forward, before its norm; with output norms
  Matrix router_logits;    // (experts)
  Matrix place_inputs;     // (places, dim)
  Matrix place_outputs;    // (places, dim)
  Matrix wanted_x;         // (dim) rows of x whose logits are wanted
  Matrix wanted_attended;  // (heads * head_dim)
  Matrix logits;           // (device.logit_rows(), vocab)

  // From start() to finish().
  struct {
    const Step* step = nullptr;
    std::vector<int> wanted;  // rows of the step whose logits are wanted
    StepResult result;
  } in_flight;

  Impl(const Checkpoint& source, Device& on, DataType type, int max_rows)
      : checkpoint(source),
        arch(source.architecture()),
        device(on),
        frequencies(rope_frequencies(arch.rope, arch.head_dim)) {
    if (arch.experts > 0 && arch.output_norms) {
      fail_input("{}: experts whose output is normed are not supported", arch.family);
    }
    device.check_attention(arch.heads, arch.kv_heads, arch.head_dim);
    weights = load_weights(checkpoint, device, type);
    const int query_dim = arch.heads * arch.head_dim;
    x = device.allocate(Role::kStream, max_rows, arch.dim);
    normed = device.allocate(Role::kOperand, max_rows, arch.dim);
    qkv = device.allocate(Role::kProduct, max_rows, query_dim + 2 * key_dim());
    attended = device.allocate(Role::kOperand, max_rows, query_dim);
    gate_up = device.allocate(Role::kProduct, max_rows, 2 * arch.ffn_dim);
    ffn = device.allocate(Role::kOperand, max_rows, arch.ffn_dim);
    if (arch.output_norms) block_output = device.allocate(Role::kProduct, max_rows, arch.dim);
    if (arch.experts > 0) {
      const int places = max_rows * arch.experts_per_token;
      router_logits = device.allocate(Role::kProduct, max_rows, arch.experts);
      place_inputs = device.allocate(Role::kOperand, places, arch.dim);
      place_outputs = device.allocate(Role::kProduct, places, arch.dim);
    }
    wanted_x = device.allocate(Role::kStream, max_rows, arch.dim);
    wanted_attended = device.allocate(Role::kOperand, max_rows, query_dim);
    logits = device.allocate(Role::kStream, device.logit_rows(), arch.vocab);
  }

  int key_dim() const { return arch.kv_heads * arch.head_dim; }

  AttentionRule attention_rule(int layer) const {
    const int window = arch.windows.empty() ? 0 : arch.windows[static_cast<size_t>(layer)];
    return {arch.heads, arch.attention_scale, arch.attention_soft_cap, window};
  }

  // What attention and feed-forward read of the stream, to `normed`.
  void read_stream(const Matrix& stream, RowCount rows, const Matrix& norm) {
    if (arch.input_norms) {
      device.rms_norm(stream, rows.total(), norm, arch.norm_eps, normed);
    } else {
      device.copy_to_operand(stream, rows.total(), normed);
    }
  }

  // stream (rows, dim) += their last product
  void add_to_stream(const Linear& w, const Matrix& input, RowCount rows, const Matrix& norm, const Matrix& stream) {
    if (!arch.output_norms) return device.linear(w, input, rows, stream, true);
    device.linear(w, input, rows, block_output, false);
    device.rms_norm_and_add(block_output, rows.total(), norm, arch.norm_eps, stream);
  }

  // Queries, keys and values of x before they are turned.
  void project(const LayerWeights& layer, RowCount rows) {
    read_stream(x, rows, layer.attention_norm);
    device.linear(*layer.qkv, normed, rows, qkv, false);
    if (arch.qkv_bias) device.add_bias(qkv, rows.total(), layer.qkv_bias);
    if (arch.query_key_norm == QueryKeyNorm::kNone) return;
    const bool whole = arch.query_key_norm == QueryKeyNorm::kProjection;
    const int first_key = arch.heads * arch.head_dim;
    device.rms_norm_blocks(qkv, rows.total(), 0, whole ? 1 : arch.heads, layer.query_norm, arch.norm_eps);
    device.rms_norm_blocks(qkv, rows.total(), first_key, whole ? 1 : arch.kv_heads, layer.key_norm, arch.norm_eps);
  }

  // activation(gate) * up of the input, to `ffn`
  void run_gate(const FeedForward& w, const Matrix& input, RowCount rows) {
    device.linear(*w.gate_up, input, rows, gate_up, false);
    device.activate_and_multiply(gate_up, rows.total(), arch.activation, ffn);
  }

  // stream (rows, dim) += feed-forward of it
  void feed_forward(const LayerWeights& layer, const Matrix& stream, RowCount rows) {
    read_stream(stream, rows, layer.ffn_norm);
    if (arch.experts > 0) return mix_experts(layer, stream, rows);
    run_gate(layer.ffns[0], normed, rows);
    add_to_stream(*layer.ffns[0].down, ffn, rows, layer.ffn_output_norm, stream);
  }

  void mix_experts(const LayerWeights& layer, const Matrix& stream, RowCount rows) {
    device.linear(*layer.router, normed, rows, router_logits, false);
    const std::unique_ptr<Routing> routing = device.route(router_logits, rows, arch.experts_per_token);
    device.gather_places(normed, *routing, place_inputs);
    for (int i = 0; i < arch.experts; ++i) {
      const RowCount places = routing->places(i);
      if (places.total() == 0) continue;
      const FeedForward& expert = layer.ffns[static_cast<size_t>(i)];
      run_gate(expert, place_inputs.from_row(routing->first_place(i)), places);
      device.linear(*expert.down, ffn, places, place_outputs.from_row(routing->first_place(i)), false);
    }
    device.combine_places(place_outputs, *routing, stream);
  }

  // Runs all layers and leaves the final hidden state of `wanted` rows in wanted_x; how many of them are generated
  // tokens is the answer. The last layer writes keys and values for every row, but all else only for the wanted ones.
  RowCount run_layers(const Step& step, std::span<const int> wanted, const LayerObserver& observe = {}) {
    const RowCount rows = count_rows(step.segments);
    const std::vector<Segment> wanted_segments = restrict_to(step.segments, wanted);
    const RowCount wanted_count = count_rows(wanted_segments);
    // Steps of generated tokens alone, each of which wants its next: the same operations step after step, but for
    // experts, whom the tokens choose.
    const bool decodes = !observe && rows.prompt == 0 && step.copies.empty() && wanted_count.total() == rows.total() &&
                         arch.experts == 0;
    const std::unique_ptr<Layout> layout = device.lay_out(step.segments, step.copies);
    const std::unique_ptr<Layout> wanted_layout = decodes ? nullptr : device.lay_out(wanted_segments, {});
    Layout& last_layout = decodes ? *layout : *wanted_layout;
    std::vector<int> all_rows;
    if (observe) {
      for (int row = 0; row < rows.total(); ++row) all_rows.push_back(row);
    }

    device.embed(*weights.embedding, step.tokens, arch.embedding_scale, x);
    if (observe) observe(-1, x, all_rows);
    const auto pass = [&] {
      for (int i = 0; i < arch.layers; ++i) {
        const LayerWeights& layer = weights.layers[static_cast<size_t>(i)];
        project(layer, rows);
        device.rope_and_cache_write(qkv, arch.heads, frequencies, *layout, *cache, i);
        if (i + 1 < arch.layers) {
          device.attention(qkv, attention_rule(i), *layout, *cache, i, attended);
          add_to_stream(*layer.attention_output, attended, rows, layer.attention_output_norm, x);
          feed_forward(layer, x, rows);
          if (observe) observe(i, x, all_rows);
        } else if (!wanted.empty()) {
          device.attention(qkv, attention_rule(i), last_layout, *cache, i, attended);
          device.gather_rows(attended, wanted, wanted_attended);
          device.gather_rows(x, wanted, wanted_x);
          add_to_stream(*layer.attention_output, wanted_attended, wanted_count, layer.attention_output_norm, wanted_x);
          feed_forward(layer, wanted_x, wanted_count);
          if (observe) observe(i, wanted_x, wanted);
        }
      }
    };
    decodes ? device.run_decode(*layout, *cache, pass) : pass();
    return wanted_count;
  }

  // Logits of the next rows of wanted_x, chunk by chunk: consume(first, count) finds them in `logits`.
  void for_logits(RowCount wanted, const std::function<void(int first, int count)>& consume) {
    if (wanted.total() == 0) return;
    device.rms_norm(wanted_x, wanted.total(), weights.final_norm, arch.norm_eps, normed);
    for (int first = 0; first < wanted.total(); first += device.logit_rows()) {
      const int count = std::min(device.logit_rows(), wanted.total() - first);
      const int generated = std::clamp(wanted.generated - first, 0, count);
      device.linear(*weights.head, normed.from_row(first), {generated, count - generated}, logits, false);
      if (arch.logit_soft_cap > 0) device.soft_cap(logits, count, arch.logit_soft_cap);
      consume(first, count);
    }
  }

  [[noreturn]] void report_nan(const Step& step, int row) {
    // The step is run again with an eye on each layer: keys and values are written where they were.
    NanFound found{arch.layers, row};
    std::vector<float> host;
    run_layers(step, in_flight.wanted, [&](int layer, const Matrix& values, std::span<const int> rows) {
      const size_t dim = static_cast<size_t>(arch.dim);
      host.resize(rows.size() * dim);
      device.download(host, values);
      const auto at = static_cast<size_t>(std::lower_bound(rows.begin(), rows.end(), row) - rows.begin());
      const auto finite = [](float value) { return std::isfinite(value); };
      if (!std::all_of(&host[at * dim], &host[at * dim] + dim, finite)) found.layer = std::min(found.layer, layer);
    });
    throw found;
  }

  void start(const Step& step) {
    device.wait();  // for what an abandoned step still writes
    in_flight.step = &step;
    in_flight.wanted = wanted_rows(step);
    const std::vector<int>& wanted = in_flight.wanted;
    StepResult& result = in_flight.result;
    const RowCount wanted_count = run_layers(step, wanted);
    result = {};
    result.logprobs.resize(step.targets.size());
    result.next_tokens.resize(step.next_tokens.size());
    size_t target = 0;
    size_t next = 0;
    for_logits(wanted_count, [&](int first, int count) {
      const auto chunk_row = [&](int row) {
        return static_cast<int>(std::lower_bound(wanted.begin() + first, wanted.begin() + first + count, row) -
                                (wanted.begin() + first));
      };
      const int last_row = wanted[static_cast<size_t>(first + count - 1)];
      score_targets(step, target, last_row, count, chunk_row);
      draw_tokens(step, next, last_row, chunk_row);
    });
  }

  StepResult finish() {
    device.wait();
    const Step& step = *in_flight.step;
    StepResult& result = in_flight.result;
    for (size_t i = 0; i < result.logprobs.size(); ++i) {
      if (std::isnan(result.logprobs[i].logprob)) report_nan(step, step.targets[i].row);
    }
    for (size_t i = 0; i < result.next_tokens.size(); ++i) {
      if (result.next_tokens[i] < 0) report_nan(step, step.next_tokens[i].row);
    }
    return std::move(result);
  }

  template <typename ChunkRow>
  void score_targets(const Step& step, size_t& target, int last_row, int count, const ChunkRow& chunk_row) {
    std::vector<Target> targets;
    const size_t first = target;
    for (; target < step.targets.size() && step.targets[target].row <= last_row; ++target) {
      targets.push_back({chunk_row(step.targets[target].row), step.targets[target].token});
    }
    if (targets.empty()) return;
    device.log_softmax_and_gather(logits, count, targets,
                                  std::span(in_flight.result.logprobs).subspan(first, targets.size()));
  }

  template <typename ChunkRow>
  void draw_tokens(const Step& step, size_t& next, int last_row, const ChunkRow& chunk_row) {
    // Several samples of one prompt may want a token from the same row: draws go in groups of distinct, ascending
    // rows of the chunk, one call for each run of consecutive rows.
    while (next < step.next_tokens.size() && step.next_tokens[next].row <= last_row) {
      const int first_row = chunk_row(step.next_tokens[next].row);
      const size_t first = next;
      std::vector<Device::Draw> draws;
      while (next < step.next_tokens.size() && step.next_tokens[next].row <= last_row &&
             chunk_row(step.next_tokens[next].row) == first_row + static_cast<int>(draws.size())) {
        draws.push_back(step.next_tokens[next++].draw);
      }
      device.sample(logits.from_row(first_row), static_cast<int>(draws.size()), draws,
                    std::span(in_flight.result.next_tokens).subspan(first, draws.size()));
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

void Model::start(const Step& step) {
  impl_->start(step);
}

StepResult Model::finish() {
  return impl_->finish();
}

std::vector<float> Model::logits(const Step& step) {
  std::vector<int> all(step.tokens.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int>(i);
  const RowCount rows = impl_->run_layers(step, all);
  const size_t vocab = static_cast<size_t>(impl_->arch.vocab);
  std::vector<float> result(all.size() * vocab);
  impl_->for_logits(rows, [&](int first, int count) {
    impl_->device.download(
        std::span(result).subspan(static_cast<size_t>(first) * vocab, static_cast<size_t>(count) * vocab),
        impl_->logits);
  });
  return result;
}

int64_t weight_bytes(const Architecture& a, DataType type) {
  return (weights_of_layers(a, a.experts) + int64_t{a.dim} * a.vocab) * static_cast<int64_t>(bytes_of(type));
}

int64_t weights_per_token(const Architecture& a) {
  return weights_of_layers(a, a.experts_per_token);
}

int64_t page_bytes(const Architecture& a, const Device& device) {
  return device.cache_page_bytes({a.layers, a.kv_heads, a.head_dim, 1});
}

}  // namespace assay::engine
