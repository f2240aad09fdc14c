// Every form in which files keep the weights, made in memory: where each value lands, and what is refused when a tensor
// is missing, of another shape, or one too many.
#include "engine/checkpoint/weight_names.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <iostream>

#include "base/text.h"
#include "tests/engine/checkpoint/support.h"

namespace assay::engine::testing {
namespace {

// A tensor of a form: "*" is the layer, "#" the expert.
struct Stored {
  std::string name;
  std::vector<Weight> parts;  // on top of each other
  bool all_experts = false;
};

struct Form {
  const char* name;
  FileKind kind;
  Architecture architecture;
  std::vector<Stored> tensors;
};

Architecture base() {
  Architecture a;
  a.family = "test";
  a.layers = 2;
  a.dim = 6;
  a.heads = 2;
  a.kv_heads = 1;
  a.head_dim = 4;
  a.ffn_dim = 5;
  a.vocab = 7;
  return a;
}

Architecture with(const std::function<void(Architecture&)>& change) {
  Architecture a = base();
  change(a);
  return a;
}

std::vector<Stored> operator+(std::vector<Stored> left, const std::vector<Stored>& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

// What nearly all have.
const std::vector<Stored> kSafetensors = {
    {"model.embed_tokens.weight", {Weight::kEmbedding}},
    {"model.layers.*.self_attn.o_proj.weight", {Weight::kAttentionOutput}},
    {"model.norm.weight", {Weight::kFinalNorm}},
    {"lm_head.weight", {Weight::kHead}},
};
const std::vector<Stored> kGguf = {
    {"token_embd.weight", {Weight::kEmbedding}},
    {"blk.*.attn_output.weight", {Weight::kAttentionOutput}},
    {"output_norm.weight", {Weight::kFinalNorm}},
    {"output.weight", {Weight::kHead}},
};
const std::vector<Stored> kQkv = {{"model.layers.*.self_attn.q_proj.weight", {Weight::kQuery}},
                                  {"model.layers.*.self_attn.k_proj.weight", {Weight::kKey}},
                                  {"model.layers.*.self_attn.v_proj.weight", {Weight::kValue}}};
const std::vector<Stored> kGgufQkv = {{"blk.*.attn_q.weight", {Weight::kQuery}},
                                      {"blk.*.attn_k.weight", {Weight::kKey}},
                                      {"blk.*.attn_v.weight", {Weight::kValue}}};
const std::vector<Stored> kNorms = {{"model.layers.*.input_layernorm.weight", {Weight::kAttentionNorm}},
                                    {"model.layers.*.post_attention_layernorm.weight", {Weight::kFfnNorm}}};
const std::vector<Stored> kGgufNorms = {{"blk.*.attn_norm.weight", {Weight::kAttentionNorm}},
                                        {"blk.*.ffn_norm.weight", {Weight::kFfnNorm}}};
const std::vector<Stored> kMlp = {{"model.layers.*.mlp.gate_proj.weight", {Weight::kGate}},
                                  {"model.layers.*.mlp.up_proj.weight", {Weight::kUp}},
                                  {"model.layers.*.mlp.down_proj.weight", {Weight::kDown}}};
const std::vector<Stored> kGgufMlp = {{"blk.*.ffn_gate.weight", {Weight::kGate}},
                                      {"blk.*.ffn_up.weight", {Weight::kUp}},
                                      {"blk.*.ffn_down.weight", {Weight::kDown}}};
const std::vector<Stored> kOutputNorms = {
    {"model.layers.*.post_attention_layernorm.weight", {Weight::kAttentionOutputNorm}},
    {"model.layers.*.post_feedforward_layernorm.weight", {Weight::kFfnOutputNorm}}};
const std::vector<Stored> kGgufOutputNorms = {{"blk.*.post_attention_norm.weight", {Weight::kAttentionOutputNorm}},
                                              {"blk.*.post_ffw_norm.weight", {Weight::kFfnOutputNorm}}};
const std::vector<Stored> kQueryKeyNorms = {{"model.layers.*.self_attn.q_norm.weight", {Weight::kQueryNorm}},
                                            {"model.layers.*.self_attn.k_norm.weight", {Weight::kKeyNorm}}};
const std::vector<Stored> kGgufQueryKeyNorms = {{"blk.*.attn_q_norm.weight", {Weight::kQueryNorm}},
                                                {"blk.*.attn_k_norm.weight", {Weight::kKeyNorm}}};

const std::vector<Form>& forms() {
  const auto experts = [](Architecture& a) { a.experts = 3, a.experts_per_token = 2; };
  const auto bias = [](Architecture& a) { a.qkv_bias = true; };
  const auto both_norms = [](Architecture& a) { a.output_norms = true; };
  const auto olmo2 = [](Architecture& a) {
    a.query_key_norm = QueryKeyNorm::kProjection, a.input_norms = false, a.output_norms = true;
  };
  const auto head_norms = [](Architecture& a) { a.query_key_norm = QueryKeyNorm::kHead; };
  const FileKind kSt = FileKind::kSafetensors;
  const FileKind kGg = FileKind::kGguf;
  const std::vector<Stored> moe = kSafetensors + kQkv + kNorms;
  const std::vector<Stored> gguf_moe =
      kGguf + kGgufQkv + kGgufNorms + std::vector<Stored>{{"blk.*.ffn_gate_inp.weight", {Weight::kRouter}}};
  static const std::vector<Form> kForms = {
      {"plain", kSt, base(), kSafetensors + kQkv + kNorms + kMlp},
      {"plain", kGg, base(), kGguf + kGgufQkv + kGgufNorms + kGgufMlp},
      {"fused", kSt, base(),
       kSafetensors + kNorms +
           std::vector<Stored>{
               {"model.layers.*.self_attn.qkv_proj.weight", {Weight::kQuery, Weight::kKey, Weight::kValue}},
               {"model.layers.*.mlp.gate_up_proj.weight", {Weight::kGate, Weight::kUp}},
               {"model.layers.*.mlp.down_proj.weight", {Weight::kDown}}}},
      {"fused", kGg, base(),
       kGguf + kGgufNorms +
           std::vector<Stored>{{"blk.*.attn_qkv.weight", {Weight::kQuery, Weight::kKey, Weight::kValue}},
                               {"blk.*.ffn_up.weight", {Weight::kGate, Weight::kUp}},
                               {"blk.*.ffn_down.weight", {Weight::kDown}}}},
      {"biases", kSt, with(bias),
       kSafetensors + kQkv + kNorms + kMlp +
           std::vector<Stored>{{"model.layers.*.self_attn.q_proj.bias", {Weight::kQueryBias}},
                               {"model.layers.*.self_attn.k_proj.bias", {Weight::kKeyBias}},
                               {"model.layers.*.self_attn.v_proj.bias", {Weight::kValueBias}}}},
      {"biases", kGg, with(bias),
       kGguf + kGgufQkv + kGgufNorms + kGgufMlp +
           std::vector<Stored>{{"blk.*.attn_q.bias", {Weight::kQueryBias}},
                               {"blk.*.attn_k.bias", {Weight::kKeyBias}},
                               {"blk.*.attn_v.bias", {Weight::kValueBias}}}},
      {"norms of heads", kSt, with(head_norms), kSafetensors + kQkv + kNorms + kMlp + kQueryKeyNorms},
      {"norms of heads", kGg, with(head_norms), kGguf + kGgufQkv + kGgufNorms + kGgufMlp + kGgufQueryKeyNorms},
      {"norms of outputs", kSt, with(olmo2), kSafetensors + kQkv + kMlp + kQueryKeyNorms + kOutputNorms},
      {"norms of outputs", kGg, with(olmo2), kGguf + kGgufQkv + kGgufMlp + kGgufQueryKeyNorms + kGgufOutputNorms},
      {"norms of both", kSt, with(both_norms),
       kSafetensors + kQkv + kMlp + kOutputNorms +
           std::vector<Stored>{{"model.layers.*.input_layernorm.weight", {Weight::kAttentionNorm}},
                               {"model.layers.*.pre_feedforward_layernorm.weight", {Weight::kFfnNorm}}}},
      {"norms of both", kGg, with(both_norms), kGguf + kGgufQkv + kGgufNorms + kGgufMlp + kGgufOutputNorms},
      {"experts, published", kSt, with(experts),
       moe + std::vector<Stored>{{"model.layers.*.block_sparse_moe.gate.weight", {Weight::kRouter}},
                                 {"model.layers.*.block_sparse_moe.experts.#.w1.weight", {Weight::kGate}},
                                 {"model.layers.*.block_sparse_moe.experts.#.w2.weight", {Weight::kDown}},
                                 {"model.layers.*.block_sparse_moe.experts.#.w3.weight", {Weight::kUp}}}},
      {"experts, stacked", kSt, with(experts),
       moe + std::vector<Stored>{{"model.layers.*.mlp.gate.weight", {Weight::kRouter}},
                                 {"model.layers.*.mlp.experts.gate_up_proj", {Weight::kGate, Weight::kUp}, true},
                                 {"model.layers.*.mlp.experts.down_proj", {Weight::kDown}, true}}},
      {"experts, one a tensor", kGg, with(experts),
       gguf_moe + std::vector<Stored>{{"blk.*.ffn_gate.#.weight", {Weight::kGate}},
                                      {"blk.*.ffn_up.#.weight", {Weight::kUp}},
                                      {"blk.*.ffn_down.#.weight", {Weight::kDown}}}},
      {"experts, merged", kGg, with(experts),
       gguf_moe + std::vector<Stored>{{"blk.*.ffn_gate_exps.weight", {Weight::kGate}, true},
                                      {"blk.*.ffn_up_exps.weight", {Weight::kUp}, true},
                                      {"blk.*.ffn_down_exps.weight", {Weight::kDown}, true}}},
      {"experts, gate and up merged", kGg, with(experts),
       gguf_moe + std::vector<Stored>{{"blk.*.ffn_gate_up_exps.weight", {Weight::kGate, Weight::kUp}, true},
                                      {"blk.*.ffn_down_exps.weight", {Weight::kDown}, true}}},
  };
  return kForms;
}

// A number that tells every place of every weight from every other.
float value_at(Weight which, int layer, int expert, int64_t row, int64_t col) {
  return static_cast<float>((((static_cast<int>(which) * 2 + layer) * 3 + expert) * 64 + row) * 64 + col);
}

// The tensors of a form, with the memory that they point into.
class Made {
 public:
  explicit Made(const Form& form) : architecture_(form.architecture) {
    for (const Stored& stored : form.tensors) {
      const bool per_layer = stored.name.find('*') != std::string::npos;
      const bool per_expert = stored.name.find('#') != std::string::npos;
      for (int layer = 0; layer < (per_layer ? architecture_.layers : 1); ++layer) {
        for (int expert = 0; expert < (per_expert ? architecture_.experts : 1); ++expert) add(stored, layer, expert);
      }
    }
  }

  Tensors tensors;

 private:
  void add(const Stored& stored, int layer, int expert) {
    std::vector<float>& values = memory_.emplace_back();
    int64_t rows = 0;
    for (const Weight which : stored.parts) rows += value_of(shape_of(which).rows, architecture_);
    const int64_t cols = value_of(shape_of(stored.parts.front()).cols, architecture_);
    const int first = stored.all_experts ? 0 : expert;
    const int last = stored.all_experts ? architecture_.experts - 1 : expert;
    for (int e = first; e <= last; ++e) {
      for (const Weight which : stored.parts) {
        for (int64_t row = 0; row < value_of(shape_of(which).rows, architecture_); ++row) {
          for (int64_t col = 0; col < cols; ++col) values.push_back(value_at(which, layer, e, row, col));
        }
      }
    }
    Tensor tensor;
    tensor.type = find_ggml_type(0);  // f32
    tensor.shape = shape_of(stored.parts.front()).rows == Size::kOne ? std::vector<int64_t>{cols}
                                                                     : std::vector<int64_t>{rows, cols};
    if (stored.all_experts) tensor.shape.insert(tensor.shape.begin(), architecture_.experts);
    tensor.data = reinterpret_cast<const uint8_t*>(values.data());
    tensor.bytes = static_cast<int64_t>(values.size() * sizeof(float));
    tensors[replace_all(replace_all(stored.name, "*", std::to_string(layer)), "#", std::to_string(expert))] = tensor;
  }

  const Architecture& architecture_;
  std::deque<std::vector<float>> memory_;
};

BoundWeights bind_form(const Form& form, const Tensors& tensors) {
  return bind_weights(form.kind, tensors, form.architecture, "model.file");
}

TEST(WeightNames, EveryFormHasEveryWeightInItsPlace) {
  size_t compared = 0;
  for (const Form& form : forms()) {
    const Made made(form);
    const BoundWeights weights = bind_form(form, made.tensors);
    const Architecture& a = form.architecture;
    ASSERT_EQ(weights.size(), 2u) << form.name;
    for (const WeightShape& shape : weight_shapes()) {
      for (int layer = 0; layer < 2; ++layer) {
        const std::vector<Tensor>& bound = weights[static_cast<size_t>(layer)][static_cast<size_t>(shape.which)];
        const bool there = has_weight(a, shape.which) && (layer == 0 || shape.owner != Owner::kModel);
        ASSERT_EQ(bound.size(), there ? static_cast<size_t>(copies_of(a, shape.which)) : 0) << form.name;
        for (size_t expert = 0; expert < bound.size(); ++expert) {
          const int64_t rows = value_of(shape.rows, a);
          const int64_t cols = value_of(shape.cols, a);
          EXPECT_EQ(bound[expert].shape, (std::vector<int64_t>{rows, cols})) << form.name;
          ASSERT_EQ(bound[expert].bytes, rows * cols * 4) << form.name;
          const float* values = reinterpret_cast<const float*>(bound[expert].data);
          for (int64_t i = 0; i < rows * cols; ++i) {
            ASSERT_EQ(values[i], value_at(shape.which, layer, static_cast<int>(expert), i / cols, i % cols))
                << form.name << " weight " << static_cast<int>(shape.which) << " value " << i;
            ++compared;
          }
        }
      }
    }
  }
  std::cout << "forms: " << forms().size() << ", values in their place: " << compared << "\n";
}

TEST(WeightNames, WhatIsMissingOrOfAnotherShapeIsNamed) {
  size_t refused = 0;
  for (const Form& form : forms()) {
    const Made made(form);
    for (const auto& [name, tensor] : made.tensors) {
      const std::string label = fmt::format("{}: {}", form.name, name);
      Tensors fewer = made.tensors;
      fewer.erase(name);
      const std::string missing = error_of([&] { bind_form(form, fewer); }, label).what();
      EXPECT_NE(missing.find(name), std::string::npos) << label << ": " << missing;
      EXPECT_NE(missing.find("missing"), std::string::npos) << label << ": " << missing;
      for (size_t axis = 0; axis < tensor.shape.size(); ++axis) {
        Tensors other = made.tensors;
        ++other[name].shape[axis];
        const std::string shape = error_of([&] { bind_form(form, other); }, label).what();
        EXPECT_NE(shape.find("tensor " + name + " has the shape"), std::string::npos) << label << ": " << shape;
        ++refused;
      }
      ++refused;
    }
  }
  EXPECT_GT(refused, 700u);
  std::cout << "tensors missing or of another shape: " << refused << " refused\n";
}

// Each form with a tensor of another form of its kind that is none of its own: a weight must not be there twice, nor
// one that the network has no use for. Where every weight has a tensor of its own, the one too many is named.
TEST(WeightNames, WhatIsTooMuchIsRefused) {
  size_t refused = 0;
  for (const Form& form : forms()) {
    const Made made(form);
    const bool one_each = std::all_of(form.tensors.begin(), form.tensors.end(), [](const Stored& stored) {
      return stored.parts.size() == 1 && stored.name.find('#') == std::string::npos;
    });
    for (const Form& other : forms()) {
      if (other.kind != form.kind) continue;
      const Made more(other);
      for (const auto& [name, tensor] : more.tensors) {
        if (made.tensors.contains(name)) continue;
        Tensors all = made.tensors;
        all[name] = tensor;
        const std::string message = error_of([&] { bind_form(form, all); }, name).what();
        const bool named = message.find(name + " has no place") != std::string::npos;
        EXPECT_TRUE(named || !one_each) << form.name << ": " << message;
        ++refused;
      }
    }
    Tensors beyond = made.tensors;
    const bool gguf = form.kind == FileKind::kGguf;
    const std::string third = gguf ? "blk.2.attn_q.weight" : "model.layers.2.self_attn.q_proj.weight";
    beyond[third] = beyond.begin()->second;
    EXPECT_NE(std::string(error_of([&] { bind_form(form, beyond); }, third).what()).find(third), std::string::npos);
  }
  EXPECT_GT(refused, 300u);
  std::cout << "tensors too many: " << refused << " refused\n";
}

// Rows of a quantised tensor are blocks: experts and halves begin at whole ones.
TEST(WeightNames, PartsOfQuantisedTensors) {
  Form form = forms().back();  // gate and up of all experts in one
  form.architecture.dim = 64;
  Made made(form);
  Tensor& stored = made.tensors["blk.1.ffn_gate_up_exps.weight"];
  stored.type = find_ggml_type(8);  // q8_0: 34 bytes for 32 values
  stored.bytes = 3 * 2 * 5 * 64 / 32 * 34;
  const BoundWeights weights = bind_form(form, made.tensors);
  for (size_t expert = 0; expert < 3; ++expert) {
    const Tensor& gate = weights[1][static_cast<size_t>(Weight::kGate)][expert];
    const Tensor& up = weights[1][static_cast<size_t>(Weight::kUp)][expert];
    EXPECT_EQ(gate.data, stored.data + expert * 10 * 68);
    EXPECT_EQ(up.data, gate.data + 5 * 68);
    EXPECT_EQ(gate.bytes, 5 * 68);
    EXPECT_EQ(up.bytes, 5 * 68);
  }
}

TEST(WeightNames, TypesThatCannotBeReadAreNamed) {
  const Form& form = forms().front();
  const Made made(form);
  Tensors tensors = made.tensors;
  Tensor& tensor = tensors["model.layers.1.mlp.up_proj.weight"];
  tensor.type = find_safetensors_type("I64");
  ASSERT_NE(tensor.type, nullptr);
  const std::string message = error_of([&] { bind_form(form, tensors); }, "I64").what();
  EXPECT_NE(message.find("model.layers.1.mlp.up_proj.weight is stored as i64"), std::string::npos) << message;
}

}  // namespace
}  // namespace assay::engine::testing
