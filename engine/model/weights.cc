#include "engine/model/weights.h"

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <utility>

namespace assay::engine {
namespace {

// One matrix on top of another: what reads the same input is one product.
RowReader stack(std::vector<WeightMatrix> matrices, DataType type) {
  const auto all = std::make_shared<const std::vector<WeightMatrix>>(std::move(matrices));
  // The matrix of a row, and its number there.
  const auto find = [all](int& row) -> const WeightMatrix& {
    for (const WeightMatrix& matrix : *all) {
      if (row < matrix.rows) return matrix;
      row -= matrix.rows;
    }
    return all->back();
  };
  const auto read = [find](int row, float* out) { find(row).read(row, out); };
  if (!std::ranges::all_of(*all, [&](const WeightMatrix& matrix) { return matrix.read.is_stored_as(type); }))
    return read;
  return {read, type, [find](int row) { return find(row).read.stored(row); }};
}

struct Loader {
  const Checkpoint& checkpoint;
  const Architecture& arch;
  Device& device;
  DataType type;

  // One after the other.
  Matrix vector(std::initializer_list<Weight> parts, int layer = 0) const {
    std::vector<float> values;
    for (const Weight which : parts) {
      const WeightMatrix part = checkpoint.weight(which, layer);
      values.resize(values.size() + static_cast<size_t>(part.cols));
      part.read(0, values.data() + values.size() - static_cast<size_t>(part.cols));
    }
    Matrix loaded = device.allocate(Role::kStream, 1, static_cast<int>(values.size()));
    device.upload(loaded, values);
    return loaded;
  }

  std::unique_ptr<Linear> linear(std::initializer_list<Weight> parts, int layer = 0, int expert = 0) const {
    std::vector<WeightMatrix> matrices;
    int outputs = 0;
    for (const Weight which : parts) {
      matrices.push_back(checkpoint.weight(which, layer, expert));
      outputs += matrices.back().rows;
    }
    const int inputs = matrices.front().cols;
    return device.make_linear(outputs, inputs, type, stack(std::move(matrices), type));
  }

  LayerWeights layer(int i) const {
    LayerWeights layer;
    if (arch.input_norms) layer.attention_norm = vector({Weight::kAttentionNorm}, i);
    layer.qkv = linear({Weight::kQuery, Weight::kKey, Weight::kValue}, i);
    if (arch.qkv_bias) layer.qkv_bias = vector({Weight::kQueryBias, Weight::kKeyBias, Weight::kValueBias}, i);
    if (arch.query_key_norm != QueryKeyNorm::kNone) {
      layer.query_norm = vector({Weight::kQueryNorm}, i);
      layer.key_norm = vector({Weight::kKeyNorm}, i);
    }
    layer.attention_output = linear({Weight::kAttentionOutput}, i);
    if (arch.output_norms) layer.attention_output_norm = vector({Weight::kAttentionOutputNorm}, i);
    if (arch.input_norms) layer.ffn_norm = vector({Weight::kFfnNorm}, i);
    if (arch.experts > 0) layer.router = linear({Weight::kRouter}, i);
    for (int expert = 0; expert < std::max(1, arch.experts); ++expert) {
      layer.ffns.push_back({linear({Weight::kGate, Weight::kUp}, i, expert), linear({Weight::kDown}, i, expert)});
    }
    if (arch.output_norms) layer.ffn_output_norm = vector({Weight::kFfnOutputNorm}, i);
    return layer;
  }
};

}  // namespace

NetworkWeights load_weights(const Checkpoint& checkpoint, Device& device, DataType type) {
  const Loader load{checkpoint, checkpoint.architecture(), device, type};
  NetworkWeights weights;
  const WeightMatrix table = checkpoint.weight(Weight::kEmbedding);
  weights.embedding = device.make_table(table.rows, table.cols, type, table.read);
  for (int i = 0; i < load.arch.layers; ++i) weights.layers.push_back(load.layer(i));
  weights.final_norm = load.vector({Weight::kFinalNorm});
  weights.head = load.linear({Weight::kHead});
  return weights;
}

}  // namespace assay::engine
