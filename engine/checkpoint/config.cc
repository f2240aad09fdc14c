#include "engine/checkpoint/config.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "engine/checkpoint/complete_architecture.h"
#include "engine/checkpoint/rope_config.h"

namespace assay::engine {
namespace {

const Family& family_of(const JsonFields& config) {
  const std::optional<std::string> model_type = config.text("model_type");
  const std::optional<std::vector<std::string>> architectures = config.texts("architectures");
  if (architectures && architectures->size() != 1) config.fail_field("architectures", "must be a list of one name");
  if (!model_type && !architectures) config.fail_field("model_type", "is missing");
  const Family& family = model_type ? family_of_model_type(*model_type, config.where())
                                    : family_of_architecture(architectures->front(), config.where());
  if (architectures && architectures->front() != family.architecture) {
    config.fail_field("architectures",
                      fmt::format("is {}, but a {} model that can be scored is {}", printable(architectures->front()),
                                  family.model_type, family.architecture));
  }
  return family;
}

// A field that the family's own code does not read: most likely config.json and weights are of different models.
[[noreturn]] void fail_foreign(const JsonFields& config, const char* field, const Family& family) {
  config.fail_field(
      field, fmt::format("is not null, but a {} network has no such thing; is model_type right?", family.model_type));
}

void refuse_unsupported(const JsonFields& config, const Family& family) {
  // Qwen 2 has its biases whatever the field says; elsewhere it would add one to the output of attention, too.
  if (!family.qkv_bias && config.flag("attention_bias").value_or(false)) {
    config.fail_field("attention_bias",
                      fmt::format("is true; biases in a {} network are not supported", family.model_type));
  }
  if (config.flag("mlp_bias").value_or(false)) config.fail_field("mlp_bias", "is true; such biases are not supported");
  if (config.flag("use_bidirectional_attention").value_or(false)) {
    config.fail_field("use_bidirectional_attention", "is true; only causal attention is supported");
  }
  if (config.has("quantization_config")) {
    config.fail_field("quantization_config", "is not supported; take the unquantised checkpoint or a GGUF");
  }
  if (!family.has_experts) {
    for (const char* field : {"num_local_experts", "num_experts", "n_routed_experts", "num_experts_per_tok"}) {
      if (config.has(field)) fail_foreign(config, field, family);
    }
  }
  if (!family.has_soft_caps) {
    for (const char* field : {"attn_logit_softcapping", "final_logit_softcapping"}) {
      if (config.has(field)) fail_foreign(config, field, family);
    }
  }
}

std::optional<Activation> read_activation(const JsonFields& config, const char* field, bool gelu_is_tanh) {
  const std::optional<std::string> name = config.text(field);
  if (!name) return {};
  if (*name == "silu") return Activation::kSilu;
  if (*name == "gelu_pytorch_tanh" || (*name == "gelu" && gelu_is_tanh)) return Activation::kGeluTanh;
  config.fail_field(field, fmt::format("is {}; supported are silu, gelu_pytorch_tanh", printable(*name)));
}

// Gemma's files have both fields, in different states: the newer one says what the older one meant.
Activation activation_of(const JsonFields& config, const Family& family) {
  const std::optional<Activation> older = read_activation(config, "hidden_act", family.gelu_is_tanh);
  const std::optional<Activation> newer = read_activation(config, "hidden_activation", false);
  if (older && newer && *older != *newer) config.fail_field("hidden_activation", "contradicts hidden_act");
  return newer ? *newer : older.value_or(family.activation);
}

// Which layers `layer_types` says to have a window; nothing where it is absent.
std::optional<std::vector<bool>> read_layer_types(const JsonFields& config, int layers) {
  constexpr const char* kField = "layer_types";
  const std::optional<std::vector<std::string>> types = config.texts(kField);
  if (!types) return {};
  if (types->size() != static_cast<size_t>(layers)) {
    config.fail_field(kField, fmt::format("has {} entries, but num_hidden_layers is {}", types->size(), layers));
  }
  std::vector<bool> slides;
  for (const std::string& type : *types) {
    if (type != "full_attention" && type != "sliding_attention") {
      config.fail_field(kField,
                        fmt::format("holds {}; supported are full_attention, sliding_attention", printable(type)));
    }
    slides.push_back(type == "sliding_attention");
  }
  return slides;
}

// Qwen's rule: the upper layers slide if a flag says so. Where layer_types lists them it decides.
std::vector<bool> upper_layers(const JsonFields& config, int layers, bool listed) {
  std::vector<bool> slides(static_cast<size_t>(layers), false);
  if (listed || !config.flag("use_sliding_window").value_or(false)) return slides;
  const std::optional<int> first = config.count("max_window_layers");
  if (!first) config.fail_field("max_window_layers", "is missing, but use_sliding_window is true");
  std::fill(slides.begin() + std::min(*first, layers), slides.end(), true);
  return slides;
}

std::vector<bool> sliding_layers(const JsonFields& config, const Family& family, int layers,
                                 std::optional<int> window) {
  const std::optional<std::vector<bool>> listed = read_layer_types(config, layers);
  std::vector<bool> slides(static_cast<size_t>(layers), false);
  switch (family.windows) {
    case WindowRule::kNone:
      if (window) fail_foreign(config, "sliding_window", family);
      break;
    case WindowRule::kEvery:
      if (family.states_window && !config.names("sliding_window")) {
        config.fail_field("sliding_window", "is missing; null means that there is none");
      }
      slides.assign(slides.size(), window.has_value());
      break;
    case WindowRule::kUpper:
      slides = upper_layers(config, layers, listed.has_value());
      break;
    case WindowRule::kAlternate:
      for (size_t i = 0; i < slides.size(); i += 2) slides[i] = true;
      break;
  }
  const bool may_list = family.windows == WindowRule::kUpper || family.windows == WindowRule::kAlternate;
  if (listed && may_list) slides = *listed;
  if (listed && *listed != slides) config.fail_field("layer_types", "contradicts sliding_window");
  return slides;
}

// One number for each layer: Architecture::windows.
std::vector<int> read_windows(const JsonFields& config, const Family& family, int layers) {
  const std::optional<int> window = config.size("sliding_window");
  const std::vector<bool> slides = sliding_layers(config, family, layers, window);
  const bool some_slide = std::find(slides.begin(), slides.end(), true) != slides.end();
  if (family.windows == WindowRule::kUpper) {
    const bool allowed = config.flag("use_sliding_window").value_or(false);
    if (some_slide && !allowed) {
      config.fail_field("layer_types", "lists sliding_attention, but use_sliding_window is not true");
    }
    if (allowed && !window) config.fail_field("use_sliding_window", "is true, but sliding_window says no size");
  }
  if (some_slide && !window) config.fail_field("sliding_window", "is missing, but there are layers that have one");
  return windows_of(slides, window.value_or(0));
}

// Null is how a file says that there is no cap.
float read_soft_cap(const JsonFields& config, const char* field) {
  if (!config.names(field)) config.fail_field(field, "is missing; null means that there is none");
  const std::optional<double> cap = config.positive(field);
  return cap ? soft_cap(*cap, config, field) : 0;
}

// The fields that only some families have.
void read_particulars(const JsonFields& config, const Family& family, Architecture& a) {
  if (family.has_experts) {
    a.experts = config.required_size("num_local_experts");
    a.experts_per_token = config.required_size("num_experts_per_tok");
  }
  if (family.has_soft_caps) {
    a.attention_soft_cap = read_soft_cap(config, "attn_logit_softcapping");
    a.logit_soft_cap = read_soft_cap(config, "final_logit_softcapping");
  }
  if (family.has_query_scalar) {
    constexpr const char* kField = "query_pre_attn_scalar";
    const double scalar = config.required_positive(kField);
    bounded(scalar, 1e-3, 1e6, config, kField);
    a.attention_scale = static_cast<float>(1 / std::sqrt(scalar));
  }
}

}  // namespace

Architecture read_config(const JsonFields& config) {
  const Family& family = family_of(config);
  refuse_unsupported(config, family);
  Architecture a = architecture_of(family);
  a.layers = config.required_size("num_hidden_layers");
  a.dim = config.required_size("hidden_size");
  a.heads = config.required_size("num_attention_heads");
  a.kv_heads = config.size("num_key_value_heads").value_or(a.heads);
  a.ffn_dim = config.required_size("intermediate_size");
  a.vocab = config.required_size("vocab_size");
  a.context = config.required_size("max_position_embeddings");
  a.norm_eps = norm_eps(config.required_positive("rms_norm_eps"), config, "rms_norm_eps");
  a.rope = read_rope(config, family);
  a.tied = config.flag("tie_word_embeddings").value_or(family.tied);
  a.activation = activation_of(config, family);
  read_particulars(config, family, a);
  std::optional<int> head_dim = config.size("head_dim");
  if (!head_dim && family.head_dim > 0) head_dim = family.head_dim;
  complete_architecture(a, family, head_dim, config.where(),
                        {.layers = "num_hidden_layers",
                         .dim = "hidden_size",
                         .heads = "num_attention_heads",
                         .kv_heads = "num_key_value_heads",
                         .head_dim = "head_dim",
                         .ffn_dim = "intermediate_size",
                         .experts = "num_local_experts",
                         .experts_per_token = "num_experts_per_tok"});
  a.windows = read_windows(config, family, a.layers);
  return a;
}

std::optional<std::vector<TokenId>> read_end_tokens(const JsonFields& config) {
  constexpr const char* kField = "eos_token_id";
  const nlohmann::json* value = config.find(kField);
  if (value == nullptr) return {};
  std::vector<TokenId> ids;
  for (const nlohmann::json& id : value->is_array() ? *value : nlohmann::json::array({*value})) {
    if (!id.is_number_integer() || id.get<int64_t>() < 0 || id.get<int64_t>() > kLargestSize) {
      config.fail_field(kField, "must be a token id or a list of them");
    }
    ids.push_back(id.get<TokenId>());
  }
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

}  // namespace assay::engine
