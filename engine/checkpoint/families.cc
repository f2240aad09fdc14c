#include "engine/checkpoint/families.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {
namespace {

// Defaults are those of transformers' configuration classes, where the published files rely on them. Files of the other
// families always state the base, and a guess would be silently wrong.
constexpr Family kFamilies[] = {
    // Llama 2, 3, 3.1, 3.2
    {.model_type = "llama",
     .architecture = "LlamaForCausalLM",
     .gguf = "llama",
     .theta = 10000,
     .gguf_interleaves_rows = true},
    {.model_type = "mistral",
     .architecture = "MistralForCausalLM",
     .gguf = "llama",
     .theta = 10000,
     .windows = WindowRule::kEvery,
     .states_window = true,  // it would mean 4096
     .gguf_interleaves_rows = true},
    {.model_type = "mixtral",
     .architecture = "MixtralForCausalLM",
     .gguf = "llama",
     .has_experts = true,
     .windows = WindowRule::kEvery,
     .gguf_interleaves_rows = true},
    {.model_type = "gemma",
     .architecture = "GemmaForCausalLM",
     .gguf = "gemma",
     .tied = true,
     .theta = 10000,
     .head_dim = 256,
     .activation = Activation::kGeluTanh,
     .scales_embedding = true,
     .gelu_is_tanh = true,
     .norms_less_one = true},
    {.model_type = "gemma2",
     .architecture = "Gemma2ForCausalLM",
     .gguf = "gemma2",
     .tied = true,
     .theta = 10000,
     .head_dim = 256,
     .activation = Activation::kGeluTanh,
     .output_norms = true,
     .scales_embedding = true,
     .has_soft_caps = true,
     .has_query_scalar = true,
     .windows = WindowRule::kAlternate,
     .gelu_is_tanh = true,
     .norms_less_one = true},
    // Qwen 2, 2.5
    {.model_type = "qwen2",
     .architecture = "Qwen2ForCausalLM",
     .gguf = "qwen2",
     .qkv_bias = true,
     .windows = WindowRule::kUpper},
    {.model_type = "qwen3",
     .architecture = "Qwen3ForCausalLM",
     .gguf = "qwen3",
     .head_dim = 128,
     .query_key_norm = QueryKeyNorm::kHead,
     .windows = WindowRule::kUpper},
    {.model_type = "olmo2",
     .architecture = "Olmo2ForCausalLM",
     .gguf = "olmo2",
     .query_key_norm = QueryKeyNorm::kProjection,
     .input_norms = false,
     .output_norms = true},
    {.model_type = "phi3", .architecture = "Phi3ForCausalLM", .gguf = "phi3", .windows = WindowRule::kEvery},
};

[[noreturn]] void fail_unknown(const char* Family::*name, std::string_view value, const std::string& where,
                               const char* field) {
  std::vector<std::string> names;
  for (const Family& family : kFamilies) {
    if (names.empty() || names.back() != family.*name) names.emplace_back(family.*name);
  }
  fail_input("{}: {} is {}, a network that is not supported; those that are: {}", where, field, printable(value),
             join(names, ", "));
}

const Family& find(const char* Family::*name, std::string_view value, const std::string& where, const char* field) {
  for (const Family& family : kFamilies) {
    if (family.*name == value) return family;
  }
  fail_unknown(name, value, where, field);
}

}  // namespace

const Family& family_of_model_type(std::string_view model_type, const std::string& where) {
  return find(&Family::model_type, model_type, where, "model_type");
}

const Family& family_of_architecture(std::string_view architecture, const std::string& where) {
  return find(&Family::architecture, architecture, where, "architectures");
}

const Family& family_of_gguf(std::string_view architecture, bool experts, bool window, const std::string& where) {
  for (const Family& family : kFamilies) {
    const bool has_window = family.windows != WindowRule::kNone;
    if (family.gguf == architecture && family.has_experts == experts && (has_window || !window)) return family;
  }
  return find(&Family::gguf, architecture, where, "general.architecture");
}

Architecture architecture_of(const Family& family) {
  Architecture a;
  a.family = family.model_type;
  a.rope.theta = family.theta;
  a.activation = family.activation;
  a.qkv_bias = family.qkv_bias;
  a.query_key_norm = family.query_key_norm;
  a.input_norms = family.input_norms;
  a.output_norms = family.output_norms;
  return a;
}

}  // namespace assay::engine
