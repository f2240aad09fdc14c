// GGUF files of every family, made by hand with the keys and tensors that llama.cpp's converter writes.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <set>

#include "engine/checkpoint/gguf_architecture.h"
#include "tests/engine/checkpoint/gguf_builder.h"
#include "tests/engine/checkpoint/support.h"

namespace assay::engine::testing {
namespace {

namespace fs = std::filesystem;

// Metadata and, with `tensors`, the weights of a network of two layers: dim 8, 2 heads of 4, 1 key head, ffn 6,
// vocabulary 5. What stands in `skip` is left out.
struct Network {
  std::string family;
  std::set<std::string> skip;
  Builder file;

  explicit Network(std::string name, std::set<std::string> skipped = {})
      : family(std::move(name)), skip(std::move(skipped)) {
    file.text("general.architecture", family);
    number("block_count", 2).number("context_length", 16).number("embedding_length", 8);
    number("feed_forward_length", 6).number("attention.head_count", 2).number("attention.head_count_kv", 1);
    number("attention.key_length", 4).number("attention.value_length", 4);
    real("attention.layer_norm_rms_epsilon", 1e-6F).real("rope.freq_base", 10000);
    if (family == "gemma2") {
      number("attention.sliding_window", 3);
      real("attn_logit_softcapping", 50).real("final_logit_softcapping", 30);
    }
  }
  Network& number(const std::string& field, uint32_t value) {
    if (!skip.contains(field)) file.number(family + "." + field, value);
    return *this;
  }
  Network& real(const std::string& field, float value) {
    if (!skip.contains(field)) file.real(family + "." + field, value);
    return *this;
  }
  Network& text(const std::string& field, const std::string& value) {
    file.text(family + "." + field, value);
    return *this;
  }
  Network& flag(const std::string& field, bool value) {
    file.flag(family + "." + field, value);
    return *this;
  }
  Network& flags(const std::string& field, const std::vector<bool>& values) {
    file.flags(family + "." + field, values);
    return *this;
  }
  Network& layer_tensor(const std::string& name, const std::vector<uint64_t>& sizes) {
    for (const char* layer : {"0", "1"}) file.tensor(fmt::format("blk.{}.{}", layer, name), sizes);
    return *this;
  }
  // What all families have.
  Network& shared_tensors() {
    file.tensor("token_embd.weight", {8, 5}).tensor("output_norm.weight", {8});
    return layer_tensor("attn_output.weight", {8, 8});
  }
  Network& query_key_value() {
    layer_tensor("attn_q.weight", {8, 8});
    return layer_tensor("attn_k.weight", {8, 4}).layer_tensor("attn_v.weight", {8, 4});
  }
  Network& input_norms() { return layer_tensor("attn_norm.weight", {8}).layer_tensor("ffn_norm.weight", {8}); }
  Network& output_norms() {
    return layer_tensor("post_attention_norm.weight", {8}).layer_tensor("post_ffw_norm.weight", {8});
  }
  Network& ffn() {
    layer_tensor("ffn_gate.weight", {8, 6});
    return layer_tensor("ffn_up.weight", {8, 6}).layer_tensor("ffn_down.weight", {6, 8});
  }
};

fs::path write(const TemporaryFolder& folder, const Network& network) {
  return folder.write("model.gguf", network.file.build());
}

Architecture read(const TemporaryFolder& folder, const Network& network) {
  return read_gguf_architecture(GgufFile(write(folder, network)));
}

Network with_embedding(const std::string& family, const std::set<std::string>& skip = {}) {
  Network network(family, skip);
  network.file.tensor("token_embd.weight", {8, 5});
  return network;
}

TEST(GgufFamilies, EveryFamilyOpens) {
  const TemporaryFolder folder;
  Network mixtral = Network("llama").number("expert_count", 3).number("expert_used_count", 2);
  mixtral.shared_tensors().query_key_value().input_norms().layer_tensor("ffn_gate_inp.weight", {8, 3});
  Network merged = mixtral;
  merged.layer_tensor("ffn_gate_exps.weight", {8, 6, 3}).layer_tensor("ffn_up_exps.weight", {8, 6, 3});
  merged.layer_tensor("ffn_down_exps.weight", {6, 8, 3});
  Network one_a_tensor = mixtral;
  for (const char* expert : {"0", "1", "2"}) {
    one_a_tensor.layer_tensor(fmt::format("ffn_gate.{}.weight", expert), {8, 6});
    one_a_tensor.layer_tensor(fmt::format("ffn_up.{}.weight", expert), {8, 6});
    one_a_tensor.layer_tensor(fmt::format("ffn_down.{}.weight", expert), {6, 8});
  }
  Network qwen2("qwen2");
  qwen2.shared_tensors().query_key_value().input_norms().ffn().layer_tensor("attn_q.bias", {8});
  qwen2.layer_tensor("attn_k.bias", {4}).layer_tensor("attn_v.bias", {4});
  Network qwen3("qwen3");
  qwen3.shared_tensors().query_key_value().input_norms().ffn();
  qwen3.layer_tensor("attn_q_norm.weight", {4}).layer_tensor("attn_k_norm.weight", {4});
  Network olmo2("olmo2");
  olmo2.shared_tensors().query_key_value().output_norms().ffn();
  olmo2.layer_tensor("attn_q_norm.weight", {8}).layer_tensor("attn_k_norm.weight", {4});
  olmo2.file.tensor("output.weight", {8, 5});
  Network phi3 =
      Network("phi3").number("attention.sliding_window", 7).number("rope.scaling.original_context_length", 16);
  phi3.shared_tensors().input_norms().layer_tensor("attn_qkv.weight", {8, 16});
  phi3.layer_tensor("ffn_up.weight", {8, 12}).layer_tensor("ffn_down.weight", {6, 8});
  struct Case {
    const char* family;
    Network network;
    int64_t parameters;
  };
  // embedding 40, final norm 8; of each layer: attention 192, norms 8 each, feed-forward 144
  const std::vector<Case> cases = {
      {"llama", Network("llama").shared_tensors().query_key_value().input_norms().ffn(), 48 + 2 * (192 + 16 + 144)},
      {"mistral",
       Network("llama").number("attention.sliding_window", 9).shared_tensors().query_key_value().input_norms().ffn(),
       48 + 2 * (192 + 16 + 144)},
      {"mixtral", merged, 48 + 2 * (192 + 16 + 24 + 3 * 144)},
      {"mixtral", one_a_tensor, 48 + 2 * (192 + 16 + 24 + 3 * 144)},
      {"gemma", Network("gemma").shared_tensors().query_key_value().input_norms().ffn(), 48 + 2 * (192 + 16 + 144)},
      {"gemma2", Network("gemma2").shared_tensors().query_key_value().input_norms().output_norms().ffn(),
       48 + 2 * (192 + 32 + 144)},
      {"qwen2", qwen2, 48 + 2 * (192 + 16 + 16 + 144)},
      {"qwen3", qwen3, 48 + 2 * (192 + 16 + 8 + 144)},
      {"olmo2", olmo2, 48 + 40 + 2 * (192 + 16 + 12 + 144)},
      {"phi3", phi3, 48 + 2 * (192 + 16 + 144)},
  };
  for (const Case& c : cases) {
    const Checkpoint checkpoint = Checkpoint::open(write(folder, c.network).string());
    EXPECT_EQ(checkpoint.architecture().family, c.family);
    EXPECT_EQ(checkpoint.parameters(), c.parameters) << c.family;
    EXPECT_EQ(checkpoint.architecture().tied, std::string(c.family) != "olmo2") << c.family;
    EXPECT_GE(static_cast<int64_t>(read_all(checkpoint).size()), c.parameters) << c.family;
  }
  std::cout << "GGUF networks opened: " << cases.size() << "\n";
}

// Row r of the file's query is filled with r: those of Llama's files are put back into the order of rotary halves, and
// so are those in a tensor that holds keys and values too.
TEST(GgufFamilies, RowsOfQueriesAndKeys) {
  const TemporaryFolder folder;
  const auto rows = [](uint64_t count) {
    std::vector<float> values;
    for (uint64_t i = 0; i < 8 * count; ++i) values.push_back(static_cast<float>(i / 8));
    return values;
  };
  const auto firsts = [&](const Network& network, Weight which) {
    const std::vector<float> values = read_all(Checkpoint::open(write(folder, network).string()).weight(which));
    std::vector<float> column;
    for (size_t i = 0; i < values.size(); i += 8) column.push_back(values[i]);
    return column;
  };
  for (const char* family : {"llama", "gemma"}) {
    Network network(family);
    network.shared_tensors().input_norms().ffn();
    for (const char* layer : {"0", "1"}) {
      network.file.tensor(fmt::format("blk.{}.attn_qkv.weight", layer), {8, 16}, rows(16));
    }
    const bool halves = std::string(family) == "gemma";
    EXPECT_EQ(firsts(network, Weight::kQuery),
              halves ? (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}) : (std::vector<float>{0, 2, 1, 3, 4, 6, 5, 7}));
    EXPECT_EQ(firsts(network, Weight::kKey),
              halves ? (std::vector<float>{8, 9, 10, 11}) : (std::vector<float>{8, 10, 9, 11}));
    EXPECT_EQ(firsts(network, Weight::kValue), (std::vector<float>{12, 13, 14, 15}));
  }
}

TEST(GgufFamilies, FieldsOfTheArchitecture) {
  const TemporaryFolder folder;
  const Architecture gemma2 = read(folder, with_embedding("gemma2"));
  EXPECT_EQ(gemma2.windows, (std::vector<int>{3, 0}));
  EXPECT_EQ(gemma2.attention_soft_cap, 50);
  EXPECT_EQ(gemma2.logit_soft_cap, 30);
  EXPECT_EQ(gemma2.attention_scale, 0.5F);
  EXPECT_EQ(gemma2.embedding_scale, std::sqrt(8.0F));
  EXPECT_EQ(read(folder, with_embedding("gemma2").real("attention.scale", 0.25)).attention_scale, 0.25F);
  // Only the largest of the published ones scales by dim / heads, here 8.
  Network large = with_embedding("gemma2", {"block_count", "attention.head_count"});
  large.skip.clear();
  large.number("block_count", 46).number("attention.head_count", 1);
  EXPECT_EQ(read(folder, large).attention_scale, static_cast<float>(1 / std::sqrt(8.0)));
  EXPECT_EQ(read(folder, with_embedding("gemma2", {"rope.freq_base"})).rope.theta, 10000);
  EXPECT_EQ(read(folder, with_embedding("qwen3", {"attention.key_length"})).head_dim, 4);

  const auto windows = [&](const Network& network) { return read(folder, network).windows; };
  EXPECT_EQ(windows(with_embedding("phi3").number("attention.sliding_window", 7)), (std::vector<int>{7, 7}));
  EXPECT_TRUE(windows(with_embedding("phi3").number("attention.sliding_window", 0)).empty());
  EXPECT_TRUE(windows(with_embedding("phi3")).empty());
  EXPECT_EQ(windows(with_embedding("gemma2").number("attention.sliding_window_pattern", 2)), (std::vector<int>{3, 0}));
  EXPECT_EQ(windows(with_embedding("gemma2").flags("attention.sliding_window_pattern", {false, true})),
            (std::vector<int>{0, 3}));
  EXPECT_EQ(windows(with_embedding("qwen2")
                        .number("attention.sliding_window", 5)
                        .flags("attention.sliding_window_pattern", {false, true})),
            (std::vector<int>{0, 5}));
}

TEST(GgufFamilies, WhatIsRefusedAndByWhichName) {
  const auto mixtral = [] { return with_embedding("llama").number("expert_count", 4).number("expert_used_count", 2); };
  Network longrope = with_embedding("phi3");
  longrope.file.tensor("rope_factors_long.weight", {2});
  const std::vector<std::pair<std::string, Network>> cases = {
      {"gemma2.attention.sliding_window is missing", with_embedding("gemma2", {"attention.sliding_window"})},
      {"gemma2.attn_logit_softcapping is missing", with_embedding("gemma2", {"attn_logit_softcapping"})},
      {"gemma2.final_logit_softcapping is missing", with_embedding("gemma2", {"final_logit_softcapping"})},
      {"gemma2.attention.scale", with_embedding("gemma2").real("attention.scale", -1)},
      {"gemma2.attention.sliding_window_pattern has 3 elements",
       with_embedding("gemma2").flags("attention.sliding_window_pattern", {true, false, true})},
      {"gemma2.attention.sliding_window_pattern",
       with_embedding("gemma2").text("attention.sliding_window_pattern", "2")},
      {"gemma2.attention.sliding_window_pattern",
       with_embedding("gemma2").number("attention.sliding_window_pattern", 0)},
      {"gemma.final_logit_softcapping", with_embedding("gemma").real("final_logit_softcapping", 30)},
      {"gemma.expert_count is 8", with_embedding("gemma").number("expert_count", 8)},
      {"olmo2.attention.sliding_window is 4", with_embedding("olmo2").number("attention.sliding_window", 4)},
      {"qwen2.attention.sliding_window", with_embedding("qwen2").number("attention.sliding_window", 4)},
      {"qwen3.rope.freq_base is missing", with_embedding("qwen3", {"rope.freq_base"})},
      {"phi3.attention.sliding_window", with_embedding("phi3").real("attention.sliding_window", 7)},
      {"phi3.rope.scaling.attn_factor must be 1", with_embedding("phi3").real("rope.scaling.attn_factor", 1.2F)},
      {"phi3.rope.scaling.type is longrope", with_embedding("phi3").text("rope.scaling.type", "longrope")},
      {"rope_factors_long.weight", longrope},
      {"phi3.rope.dimension_count is 2", with_embedding("phi3").number("rope.dimension_count", 2)},
      {"gemma2.rope.freq_base_swa", with_embedding("gemma2").real("rope.freq_base_swa", 5)},
      {"llama.attention.causal", with_embedding("llama").flag("attention.causal", false)},
      {"llama.residual_scale must be 1", with_embedding("llama").real("residual_scale", 0.22F)},
      {"llama.attention.sliding_window_pattern contradicts",
       with_embedding("llama")
           .number("attention.sliding_window", 4)
           .flags("attention.sliding_window_pattern", {true, false})},
      {"llama.expert_used_count is missing", with_embedding("llama").number("expert_count", 4)},
      {"llama.expert_used_count is 5",
       with_embedding("llama").number("expert_count", 4).number("expert_used_count", 5)},
      {"llama.expert_count is 5000",
       with_embedding("llama").number("expert_count", 5000).number("expert_used_count", 2)},
      {"llama.expert_gating_func", mixtral().number("expert_gating_func", 2)},
      {"llama.expert_weights_norm", mixtral().flag("expert_weights_norm", false)},
      {"llama.expert_weights_scale", mixtral().real("expert_weights_scale", 2.5)},
      {"llama.expert_shared_count", mixtral().number("expert_shared_count", 1)},
      {"llama.expert_feed_forward_length", mixtral().number("expert_feed_forward_length", 5)},
      {"general.architecture is qwen2moe, a network that is not supported; those that are: llama, gemma, gemma2, "
       "qwen2, qwen3, olmo2, phi3",
       with_embedding("qwen2moe")},
  };
  const TemporaryFolder folder;
  for (const auto& [named, network] : cases) {
    const Error error = error_of([&, &n = network] { read(folder, n); }, named);
    EXPECT_EQ(error.code(), ExitCode::kBadInput) << named;
    EXPECT_NE(std::string(error.what()).find(named), std::string::npos) << named << ": " << error.what();
  }
  std::cout << "GGUF metadata refused: " << cases.size() << "\n";
}

}  // namespace
}  // namespace assay::engine::testing
