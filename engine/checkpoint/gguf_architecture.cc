#include "engine/checkpoint/gguf_architecture.h"

#include <cmath>

#include "base/error.h"
#include "base/text.h"
#include "engine/checkpoint/complete_architecture.h"
#include "engine/checkpoint/gguf_fields.h"
#include "engine/checkpoint/json_fields.h"

namespace assay::engine {
namespace {

// A key that changes the arithmetic in a way that is not supported, unless it has the value that changes nothing.
struct Neutral {
  const char* field;
  double value;
};
constexpr Neutral kNeutral[] = {
    {"rope.scaling.attn_factor", 1}, {"residual_scale", 1},      {"embedding_scale", 1},          {"logit_scale", 1},
    {"expert_weights_scale", 1},     {"attention.clamp_kqv", 0}, {"attention.max_alibi_bias", 0},
};

void refuse_scaling(const GgufFields& fields, const Architecture& a) {
  const std::string_view scaling = fields.text("rope.scaling.type").value_or("");
  if (!scaling.empty() && scaling != "none") {
    fields.fail_field("rope.scaling.type",
                      fmt::format("is {}, which is not supported; supported are none and the tensor rope_freqs.weight",
                                  printable(scaling)));
  }
  // Without a type, a factor means linear scaling.
  for (const char* field : {"rope.scaling.factor", "rope.scale_linear"}) {
    if (scaling.empty() && fields.positive(field).value_or(1) != 1) {
      fields.fail_field(field, "asks for linear scaling of positions, which is not supported");
    }
  }
  constexpr const char* kWindowBase = "rope.freq_base_swa";
  if (fields.real(kWindowBase).value_or(a.rope.theta) != a.rope.theta) {
    fields.fail_field(kWindowBase, "gives some layers positions of their own, which is not supported");
  }
  for (const char* name : {"rope_factors_long.weight", "rope_factors_short.weight"}) {
    if (fields.file().tensors().contains(name)) {
      fail_input("{}: tensor {} asks for the rotary scaling longrope, which is not supported",
                 fields.file().path().string(), name);
    }
  }
}

void refuse_unsupported(const GgufFields& fields, const Family& family, const Architecture& a) {
  refuse_scaling(fields, a);
  for (const Neutral& neutral : kNeutral) {
    if (fields.real(neutral.field).value_or(neutral.value) != neutral.value) {
      fields.fail_field(neutral.field, fmt::format("must be {}; another value is not supported", neutral.value));
    }
  }
  if (!fields.flag("attention.causal").value_or(true)) {
    fields.fail_field("attention.causal", "is false; only causal attention is supported");
  }
  for (const char* field : {"rope.dimension_count", "attention.value_length"}) {
    const std::optional<int> size = fields.size(field);
    if (size && *size != a.head_dim) {
      fields.fail_field(field, fmt::format("is {}, but a head has {} elements (attention.key_length, else "
                                           "embedding_length / attention.head_count)",
                                           *size, a.head_dim));
    }
  }
  if (family.has_soft_caps) return;
  for (const char* field : {"attn_logit_softcapping", "final_logit_softcapping"}) {
    if (fields.real(field)) {
      fields.fail_field(field, fmt::format("is there, but a {} network has no soft caps", family.model_type));
    }
  }
}

// 0 is how some converters write that there are no experts.
void read_experts(const GgufFields& fields, const Family& family, Architecture& a) {
  a.experts = fields.count("expert_count");
  if (a.experts == 0) return;
  if (!family.has_experts) {
    fields.fail_field("expert_count",
                      fmt::format("is {}, but a {} network has no experts", a.experts, family.model_type));
  }
  a.experts_per_token = fields.required_size("expert_used_count");
  if (fields.count("expert_shared_count") > 0) fields.fail_field("expert_shared_count", "must be 0");
  if (!fields.flag("expert_weights_norm").value_or(true)) {
    fields.fail_field("expert_weights_norm", "is false; only weights that add up to 1 are supported");
  }
  constexpr int64_t kSoftmax = 1;  // gguf-py/gguf/constants.py, ExpertGatingFuncType
  if (fields.integer("expert_gating_func").value_or(kSoftmax) != kSoftmax) {
    fields.fail_field("expert_gating_func", "must be 1, softmax");
  }
  if (fields.size("expert_feed_forward_length").value_or(a.ffn_dim) != a.ffn_dim) {
    fields.fail_field("expert_feed_forward_length", "contradicts feed_forward_length");
  }
}

// sliding_window_pattern is a flag for each layer, or a period whose last layer does not slide.
std::optional<std::vector<bool>> read_pattern(const GgufFields& fields, int layers) {
  constexpr const char* kField = "attention.sliding_window_pattern";
  const std::string key = fields.name(kField);
  if (!fields.file().is_array(key)) {
    const std::optional<int> period = fields.size(kField);
    if (!period) return {};
    std::vector<bool> slides;
    for (int layer = 0; layer < layers; ++layer) slides.push_back(layer % *period < *period - 1);
    return slides;
  }
  std::vector<bool> slides = *fields.file().flags(key);
  if (slides.size() != static_cast<size_t>(layers)) {
    fields.fail_field(kField, fmt::format("has {} elements, but block_count is {}", slides.size(), layers));
  }
  return slides;
}

// 0 is how some converters write that there is no window.
std::vector<int> read_windows(const GgufFields& fields, const Family& family, int layers) {
  constexpr const char* kField = "attention.sliding_window";
  const int window = fields.count(kField);
  const std::optional<std::vector<bool>> pattern = read_pattern(fields, layers);
  std::vector<bool> slides(static_cast<size_t>(layers), false);
  switch (family.windows) {
    case WindowRule::kNone:
      if (window > 0) {
        fields.fail_field(kField, fmt::format("is {}, but a {} network has no window", window, family.model_type));
      }
      break;
    case WindowRule::kEvery:
      slides.assign(slides.size(), window > 0);
      break;
    case WindowRule::kUpper:
      if (window > 0 && !pattern) fields.fail_field(kField, "is there, but no key says which layers have a window");
      if (window > 0) slides = *pattern;
      break;
    case WindowRule::kAlternate:
      if (window == 0) fields.fail_field(kField, "is missing; convert the model again");
      for (size_t i = 0; i < slides.size(); i += 2) slides[i] = true;
      if (pattern) slides = *pattern;
      break;
  }
  if (pattern && window > 0 && *pattern != slides) {
    fields.fail_field("attention.sliding_window_pattern", "contradicts attention.sliding_window");
  }
  return windows_of(slides, window);
}

// The metadata has no query_pre_attn_scalar. Of the three published Gemma 2, the one with 46 layers (27B) scales by
// dim / heads, which is not its head_dim (gemma_pytorch, gemma/config.py).
constexpr int kGemma2LargestLayers = 46;

void read_scores(const GgufFields& fields, const Family& family, Architecture& a) {
  if (family.has_soft_caps) {
    constexpr const char* kAttention = "attn_logit_softcapping";
    constexpr const char* kLogits = "final_logit_softcapping";
    a.attention_soft_cap = soft_cap(fields.required_positive(kAttention), fields, kAttention);
    a.logit_soft_cap = soft_cap(fields.required_positive(kLogits), fields, kLogits);
  }
  constexpr const char* kScale = "attention.scale";
  if (const std::optional<double> scale = fields.positive(kScale)) {
    a.attention_scale = bounded(*scale, 1e-6, 1e6, fields, kScale);
  } else if (family.has_query_scalar && a.layers == kGemma2LargestLayers) {
    a.attention_scale = static_cast<float>(1 / std::sqrt(static_cast<double>(a.dim) / a.heads));
  }
}

int read_vocabulary_size(const GgufFields& fields) {
  if (const std::optional<int> vocab = fields.size("vocab_size")) return *vocab;
  const Tensors& tensors = fields.file().tensors();
  const auto embedding = tensors.find("token_embd.weight");
  if (embedding == tensors.end() || embedding->second.shape.front() > kLargestSize) {
    fields.fail_field("vocab_size", "is missing, and so is the tensor token_embd.weight");
  }
  return static_cast<int>(embedding->second.shape.front());
}

}  // namespace

const Family& family_of(const GgufFile& file) {
  const std::string where = file.path().string();
  const std::optional<std::string_view> name = file.text("general.architecture");
  if (!name) fail_input("{}: general.architecture is missing", where);
  const GgufFields fields(file, std::string(*name));
  return family_of_gguf(*name, fields.count("expert_count") > 0, fields.count("attention.sliding_window") > 0, where);
}

Architecture read_gguf_architecture(const GgufFile& file) {
  const Family& family = family_of(file);
  if (file.integer("split.count").value_or(1) > 1) {
    fail_input("{}: split.count says that this is a part of a model; merge the parts into one file",
               file.path().string());
  }
  const GgufFields fields(file, family.gguf);
  Architecture a = architecture_of(family);
  a.layers = fields.required_size("block_count");
  a.dim = fields.required_size("embedding_length");
  a.heads = fields.required_size("attention.head_count");
  a.kv_heads = fields.size("attention.head_count_kv").value_or(a.heads);
  a.ffn_dim = fields.required_size("feed_forward_length");
  a.vocab = read_vocabulary_size(fields);
  a.context = fields.required_size("context_length");
  constexpr const char* kEps = "attention.layer_norm_rms_epsilon";
  a.norm_eps = norm_eps(fields.required_positive(kEps), fields, kEps);
  const std::optional<double> theta = fields.positive("rope.freq_base");
  if (!theta && family.theta == 0) fields.fail_field("rope.freq_base", "is missing");
  a.rope.theta = theta.value_or(family.theta);
  a.tied = !file.tensors().contains("output.weight");
  read_experts(fields, family, a);
  read_scores(fields, family, a);
  complete_architecture(a, family, fields.size("attention.key_length"), file.path().string(),
                        {.layers = fields.name("block_count"),
                         .dim = fields.name("embedding_length"),
                         .heads = fields.name("attention.head_count"),
                         .kv_heads = fields.name("attention.head_count_kv"),
                         .head_dim = fields.name("attention.key_length"),
                         .ffn_dim = fields.name("feed_forward_length"),
                         .experts = fields.name("expert_count"),
                         .experts_per_token = fields.name("expert_used_count")});
  refuse_unsupported(fields, family, a);
  a.windows = read_windows(fields, family, a.layers);
  return a;
}

std::vector<float> read_frequency_divisors(const GgufFile& file, const Architecture& architecture) {
  constexpr const char* kName = "rope_freqs.weight";
  const auto found = file.tensors().find(kName);
  if (found == file.tensors().end()) return {};
  const Tensor& tensor = found->second;
  const std::vector<int64_t> wanted = {architecture.head_dim / 2};
  if (tensor.shape != wanted || tensor.type->dequantise == nullptr) {
    fail_input("{}: tensor {} has the shape {} of {}, but half of key_length is {}", file.path().string(), kName,
               shape_text(tensor.shape), tensor.type->name, wanted.front());
  }
  std::vector<float> divisors(static_cast<size_t>(wanted.front()));
  tensor.type->dequantise(tensor.data, wanted.front(), divisors.data());
  for (const float divisor : divisors) {
    if (!(divisor > 0) || !std::isfinite(divisor)) {
      fail_input("{}: tensor {} holds {}, which is not a divisor of a frequency", file.path().string(), kName, divisor);
    }
  }
  return divisors;
}

}  // namespace assay::engine
