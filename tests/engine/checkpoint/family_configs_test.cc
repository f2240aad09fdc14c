// config.json of every family: the published ones, and one field changed at a time.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <map>

#include "engine/checkpoint/config.h"
#include "engine/checkpoint/synthetic.h"
#include "tests/engine/checkpoint/support.h"

namespace assay::engine::testing {
namespace {

using Json = nlohmann::json;

// As published, without what says nothing of the network.
const std::map<std::string, const char*> kPublished = {
    {"mistral-7b", R"({"architectures": ["MistralForCausalLM"], "model_type": "mistral", "hidden_act": "silu",
      "hidden_size": 4096, "intermediate_size": 14336, "max_position_embeddings": 32768, "num_attention_heads": 32,
      "num_hidden_layers": 32, "num_key_value_heads": 8, "rms_norm_eps": 1e-05, "rope_theta": 10000.0,
      "sliding_window": 4096, "tie_word_embeddings": false, "vocab_size": 32000})"},
    {"mixtral-8x22b", R"({"architectures": ["MixtralForCausalLM"], "model_type": "mixtral", "hidden_act": "silu",
      "hidden_size": 6144, "intermediate_size": 16384, "max_position_embeddings": 65536, "num_attention_heads": 48,
      "num_experts_per_tok": 2, "num_hidden_layers": 56, "num_key_value_heads": 8, "num_local_experts": 8,
      "output_router_logits": false, "rms_norm_eps": 1e-05, "rope_theta": 1000000, "router_aux_loss_coef": 0.001,
      "router_jitter_noise": 0.0, "sliding_window": null, "tie_word_embeddings": false, "vocab_size": 32000})"},
    {"gemma-7b", R"({"architectures": ["GemmaForCausalLM"], "model_type": "gemma", "attention_bias": false,
      "head_dim": 256, "hidden_act": "gelu", "hidden_size": 3072, "intermediate_size": 24576,
      "max_position_embeddings": 8192, "num_attention_heads": 16, "num_hidden_layers": 28, "num_key_value_heads": 16,
      "rms_norm_eps": 1e-06, "rope_scaling": null, "rope_theta": 10000.0, "vocab_size": 256000})"},
    {"gemma2-9b", R"({"architectures": ["Gemma2ForCausalLM"], "model_type": "gemma2", "attention_bias": false,
      "attn_logit_softcapping": 50.0, "cache_implementation": "hybrid", "final_logit_softcapping": 30.0,
      "head_dim": 256, "hidden_act": "gelu_pytorch_tanh", "hidden_activation": "gelu_pytorch_tanh",
      "hidden_size": 3584, "intermediate_size": 14336, "max_position_embeddings": 8192, "num_attention_heads": 16,
      "num_hidden_layers": 42, "num_key_value_heads": 8, "query_pre_attn_scalar": 256, "rms_norm_eps": 1e-06,
      "rope_theta": 10000.0, "sliding_window": 4096, "sliding_window_size": 4096, "vocab_size": 256000})"},
    {"qwen2.5-7b", R"({"architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "hidden_act": "silu",
      "hidden_size": 3584, "intermediate_size": 18944, "max_position_embeddings": 131072, "max_window_layers": 28,
      "num_attention_heads": 28, "num_hidden_layers": 28, "num_key_value_heads": 4, "rms_norm_eps": 1e-06,
      "rope_theta": 1000000.0, "sliding_window": 131072, "tie_word_embeddings": false, "use_mrope": false,
      "use_sliding_window": false, "vocab_size": 152064})"},
    {"qwen3-8b", R"({"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "attention_bias": false,
      "head_dim": 128, "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 12288,
      "max_position_embeddings": 40960, "max_window_layers": 36, "num_attention_heads": 32, "num_hidden_layers": 36,
      "num_key_value_heads": 8, "rms_norm_eps": 1e-06, "rope_scaling": null, "rope_theta": 1000000,
      "sliding_window": null, "tie_word_embeddings": false, "use_sliding_window": false, "vocab_size": 151936})"},
    {"olmo2-7b", R"({"architectures": ["Olmo2ForCausalLM"], "model_type": "olmo2", "attention_bias": false,
      "hidden_act": "silu", "hidden_size": 4096, "intermediate_size": 11008, "max_position_embeddings": 4096,
      "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 32, "rms_norm_eps": 1e-06,
      "rope_scaling": null, "rope_theta": 500000, "tie_word_embeddings": false, "vocab_size": 100352})"},
    {"phi3-mini", R"({"architectures": ["Phi3ForCausalLM"], "model_type": "phi3", "attention_bias": false,
      "embd_pdrop": 0.0, "hidden_act": "silu", "hidden_size": 3072, "intermediate_size": 8192,
      "max_position_embeddings": 4096, "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 32,
      "original_max_position_embeddings": 4096, "resid_pdrop": 0.0, "rms_norm_eps": 1e-05, "rope_scaling": null,
      "rope_theta": 10000.0, "sliding_window": 2047, "tie_word_embeddings": false, "vocab_size": 32064})"},
};

Architecture read(const char* name, const char* changes = "{}", const char* removed = nullptr) {
  Json config = Json::parse(kPublished.at(name));
  config.update(Json::parse(changes));
  if (removed != nullptr) config.erase(removed);
  return read_config(JsonFields(std::move(config), "config.json"));
}

TEST(FamilyConfigs, PublishedOnesAreTheSyntheticShapes) {
  int compared = 0;
  for (const char* name : {"mistral-7b", "mixtral-8x22b", "gemma-7b", "gemma2-9b", "qwen2.5-7b", "qwen3-8b"}) {
    EXPECT_EQ(read(name), synthetic_model(name).architecture) << name;
    ++compared;
  }
  EXPECT_EQ(compared, 6);
}

TEST(FamilyConfigs, WhatOnlySomeFamiliesHave) {
  const Architecture olmo2 = read("olmo2-7b");
  EXPECT_FALSE(olmo2.input_norms);
  EXPECT_TRUE(olmo2.output_norms);
  EXPECT_EQ(olmo2.query_key_norm, QueryKeyNorm::kProjection);
  EXPECT_TRUE(olmo2.windows.empty());
  EXPECT_EQ(read("phi3-mini").windows, std::vector<int>(32, 2047));
  EXPECT_EQ(read("phi3-mini").attention_scale, static_cast<float>(1 / std::sqrt(96.0)));
  // 27B: scores are not scaled by the size of a head.
  const Architecture large = read("gemma2-9b", R"({"head_dim": 128, "query_pre_attn_scalar": 144})");
  EXPECT_EQ(large.attention_scale, 1 / 12.0F);
  EXPECT_EQ(large.head_dim, 128);
  EXPECT_EQ(read("gemma2-9b", R"({"final_logit_softcapping": null})").logit_soft_cap, 0);
  EXPECT_EQ(read("gemma-7b").embedding_scale, static_cast<float>(std::sqrt(3072.0)));
  EXPECT_TRUE(read("gemma-7b").tied);
  EXPECT_FALSE(read("gemma-7b", R"({"tie_word_embeddings": false})").tied);
  EXPECT_EQ(read("gemma-7b", "{}", "head_dim").head_dim, 256);
  EXPECT_EQ(read("gemma-7b", "{}", "hidden_act").activation, Activation::kGeluTanh);
  EXPECT_EQ(read("mixtral-8x22b", R"({"head_dim": null})").head_dim, 128);
}

TEST(FamilyConfigs, Windows) {
  struct Case {
    const char* name;
    const char* changes;
    std::vector<int> windows;
  };
  const std::vector<Case> cases = {
      {"mistral-7b", R"({"num_hidden_layers": 2})", {4096, 4096}},
      {"mistral-7b", R"({"num_hidden_layers": 2, "sliding_window": null})", {}},
      {"mistral-7b", R"({"num_hidden_layers": 1, "layer_types": ["sliding_attention"]})", {4096}},
      {"mixtral-8x22b", R"({"num_hidden_layers": 2, "sliding_window": 7})", {7, 7}},
      {"mixtral-8x22b", R"({"num_hidden_layers": 1, "layer_types": ["full_attention"]})", {}},
      {"olmo2-7b", R"({"num_hidden_layers": 1, "layer_types": ["full_attention"]})", {}},
      {"gemma2-9b", R"({"num_hidden_layers": 5})", {4096, 0, 4096, 0, 4096}},
      {"gemma2-9b", R"({"num_hidden_layers": 2, "layer_types": ["full_attention", "sliding_attention"]})", {0, 4096}},
      {"gemma2-9b", R"({"num_hidden_layers": 1, "layer_types": ["full_attention"], "sliding_window": null})", {}},
      {"qwen2.5-7b", R"({"use_sliding_window": true})", {}},  // max_window_layers is the number of layers
      {"qwen2.5-7b",
       R"({"use_sliding_window": true, "num_hidden_layers": 3, "max_window_layers": 1})",
       {0, 131072, 131072}},
      {"qwen2.5-7b",
       R"({"use_sliding_window": true, "num_hidden_layers": 2, "max_window_layers": 0})",
       {131072, 131072}},
      {"qwen3-8b",
       R"({"use_sliding_window": true, "sliding_window": 8, "num_hidden_layers": 2,
        "layer_types": ["sliding_attention", "full_attention"]})",
       {8, 0}},
      {"qwen3-8b", R"({"sliding_window": 8, "num_hidden_layers": 1, "layer_types": ["full_attention"]})", {}},
  };
  EXPECT_TRUE(read("mixtral-8x22b", "{}", "sliding_window").windows.empty());
  for (const Case& c : cases) EXPECT_EQ(read(c.name, c.changes).windows, c.windows) << c.name << c.changes;
  std::cout << "windows compared: " << cases.size() << "\n";
}

TEST(FamilyConfigs, WhatIsRefusedAndByWhichName) {
  struct Case {
    const char* name;
    const char* changes;
    std::vector<std::string> named;
    const char* removed = nullptr;
  };
  std::vector<Case> cases = {
      // windows
      {"mistral-7b", "{}", {"sliding_window", "missing"}, "sliding_window"},
      {"mistral-7b", R"({"sliding_window": 0})", {"sliding_window"}},
      {"mistral-7b", R"({"sliding_window": -1})", {"sliding_window"}},
      {"mistral-7b", R"({"sliding_window": "4096"})", {"sliding_window"}},
      {"mistral-7b", R"({"sliding_window": 4096.5})", {"sliding_window"}},
      {"mistral-7b", R"({"num_hidden_layers": 1, "layer_types": ["full_attention"]})", {"layer_types", "contradicts"}},
      {"olmo2-7b", R"({"sliding_window": 4096})", {"sliding_window", "olmo2"}},
      {"gemma-7b", R"({"sliding_window": 4096})", {"sliding_window", "gemma"}},
      {"gemma2-9b", "{}", {"sliding_window", "missing"}, "sliding_window"},
      {"gemma2-9b", R"({"sliding_window": null})", {"sliding_window"}},
      {"gemma2-9b", R"({"layer_types": ["full_attention"]})", {"layer_types", "1", "42"}},
      {"gemma2-9b", R"({"layer_types": "full_attention"})", {"layer_types"}},
      {"gemma2-9b", R"({"layer_types": [1, 2]})", {"layer_types"}},
      {"gemma2-9b",
       R"({"num_hidden_layers": 1, "layer_types": ["chunked_attention"]})",
       {"layer_types", "chunked_attention", "full_attention, sliding_attention"}},
      {"qwen2.5-7b", R"({"use_sliding_window": true, "sliding_window": null})", {"use_sliding_window"}},
      {"qwen2.5-7b", R"({"use_sliding_window": true})", {"max_window_layers", "missing"}, "max_window_layers"},
      {"qwen2.5-7b", R"({"use_sliding_window": true, "max_window_layers": -1})", {"max_window_layers"}},
      {"qwen2.5-7b", R"({"use_sliding_window": "yes"})", {"use_sliding_window"}},
      {"qwen3-8b",
       R"({"num_hidden_layers": 1, "layer_types": ["sliding_attention"], "sliding_window": 8})",
       {"layer_types", "use_sliding_window"}},
      {"mistral-7b", R"({"num_hidden_layers": 1000000000})", {"num_hidden_layers"}},
      // experts
      {"mixtral-8x22b", "{}", {"num_local_experts", "missing"}, "num_local_experts"},
      {"mixtral-8x22b", "{}", {"num_experts_per_tok", "missing"}, "num_experts_per_tok"},
      {"mixtral-8x22b", R"({"num_experts_per_tok": 9})", {"num_experts_per_tok", "9", "num_local_experts", "8"}},
      {"mixtral-8x22b", R"({"num_experts_per_tok": 0})", {"num_experts_per_tok"}},
      {"mixtral-8x22b", R"({"num_local_experts": 0})", {"num_local_experts"}},
      {"mixtral-8x22b", R"({"num_local_experts": 1000000})", {"num_local_experts"}},
      {"mistral-7b", R"({"num_local_experts": 8})", {"num_local_experts", "mistral"}},
      {"qwen3-8b", R"({"num_experts": 128})", {"num_experts", "qwen3"}},
      // scores
      {"gemma2-9b", "{}", {"query_pre_attn_scalar", "missing"}, "query_pre_attn_scalar"},
      {"gemma2-9b", R"({"query_pre_attn_scalar": 0})", {"query_pre_attn_scalar"}},
      {"gemma2-9b", R"({"query_pre_attn_scalar": -256})", {"query_pre_attn_scalar"}},
      {"gemma2-9b", R"({"query_pre_attn_scalar": 1e-300})", {"query_pre_attn_scalar"}},
      {"gemma2-9b", "{}", {"attn_logit_softcapping", "missing"}, "attn_logit_softcapping"},
      {"gemma2-9b", "{}", {"final_logit_softcapping", "missing"}, "final_logit_softcapping"},
      {"gemma2-9b", R"({"attn_logit_softcapping": 0})", {"attn_logit_softcapping"}},
      {"gemma2-9b", R"({"final_logit_softcapping": "30"})", {"final_logit_softcapping"}},
      {"gemma2-9b", R"({"final_logit_softcapping": 1e39})", {"final_logit_softcapping"}},
      {"gemma-7b", R"({"final_logit_softcapping": 30.0})", {"final_logit_softcapping", "gemma"}},
      {"gemma2-9b", R"({"use_bidirectional_attention": true})", {"use_bidirectional_attention"}},
      // activations
      {"gemma-7b", R"({"hidden_activation": "gelu"})", {"hidden_activation", "gelu", "gelu_pytorch_tanh"}},
      {"gemma-7b", R"({"hidden_act": "silu", "hidden_activation": "gelu_pytorch_tanh"})", {"hidden_act"}},
      {"mistral-7b", R"({"hidden_act": "gelu"})", {"hidden_act", "gelu", "silu, gelu_pytorch_tanh"}},
      {"mistral-7b", R"({"hidden_act": "relu2"})", {"hidden_act", "relu2"}},
      // positions
      {"phi3-mini", R"({"rope_scaling": {"type": "su", "long_factor": [1], "short_factor": [1]}})", {"type", "su"}},
      {"phi3-mini", R"({"rope_scaling": {"type": "longrope"}})", {"type", "longrope", "default, llama3"}},
      {"phi3-mini", R"({"partial_rotary_factor": 0.75})", {"partial_rotary_factor"}},
      {"qwen2.5-7b", R"({"rope_scaling": {"type": "yarn", "factor": 4.0}})", {"type", "yarn"}},
      {"qwen2.5-7b", "{}", {"rope_theta", "missing"}, "rope_theta"},
      {"gemma2-9b",
       R"({"rope_parameters": {"full_attention": {"rope_theta": 1e6}}})",
       {"rope_parameters", "full_attention"}},
      {"gemma2-9b", R"({"rope_parameters": {"sliding_attention": {"rope_theta": 1e4}}})", {"sliding_attention"}},
      // biases
      {"qwen3-8b", R"({"attention_bias": true})", {"attention_bias"}},
      {"olmo2-7b", R"({"attention_bias": true})", {"attention_bias"}},
      {"gemma-7b", R"({"attention_bias": true})", {"attention_bias"}},
      // sizes
      {"gemma-7b", R"({"head_dim": 255})", {"head_dim", "even"}},
      {"gemma-7b", R"({"head_dim": 0})", {"head_dim"}},
      {"phi3-mini", R"({"num_attention_heads": 7, "num_key_value_heads": 7})", {"hidden_size", "num_attention_heads"}},
      {"qwen3-8b", R"({"num_key_value_heads": 32, "head_dim": 20000000})", {"head_dim", "num_key_value_heads"}},
      {"qwen3-8b", R"({"intermediate_size": 1073741824})", {"intermediate_size"}},
      // names
      {"gemma2-9b", R"({"model_type": "gemma"})", {"architectures", "Gemma2ForCausalLM", "GemmaForCausalLM"}},
      {"qwen3-8b", R"({"model_type": "qwen3_moe"})", {"model_type", "qwen3_moe", "qwen2, qwen3, olmo2, phi3"}},
      {"mistral-7b", R"({"quantization_config": {"quant_method": "gptq"}})", {"quantization_config"}},
  };
  for (const auto& [name, text] : kPublished) {
    for (const char* field : {"num_hidden_layers", "hidden_size", "num_attention_heads", "intermediate_size",
                              "vocab_size", "max_position_embeddings", "rms_norm_eps"}) {
      cases.push_back({name.c_str(), "{}", {field, "missing"}, field});
    }
  }
  for (const Case& c : cases) {
    const std::string label = fmt::format("{} {} {}", c.name, c.changes, c.removed == nullptr ? "" : c.removed);
    const Error error = error_of([&] { read(c.name, c.changes, c.removed); }, label);
    EXPECT_EQ(error.code(), ExitCode::kBadInput) << label;
    for (const std::string& part : c.named) {
      EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << label << ": " << error.what();
    }
  }
  EXPECT_EQ(cases.size(), 61u + 56u);
  std::cout << "configurations of other families refused: " << cases.size() << "\n";
}

}  // namespace
}  // namespace assay::engine::testing
