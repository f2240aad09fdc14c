#include "engine/checkpoint/config.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {
namespace {

const Family& family_of(const JsonFields& config) {
  const std::optional<std::string> model_type = config.text("model_type");
  std::optional<std::string> architecture;
  if (const nlohmann::json* names = config.find("architectures")) {
    if (!names->is_array() || names->size() != 1 || !names->front().is_string()) {
      config.fail_field("architectures", "must be a list of one name");
    }
    architecture = names->front().get<std::string>();
  }
  if (!model_type && !architecture) config.fail_field("model_type", "is missing");
  const Family& family = model_type ? family_of_model_type(*model_type, config.where())
                                    : family_of_architecture(*architecture, config.where());
  if (architecture && *architecture != family.architecture) {
    config.fail_field("architectures", fmt::format("is {}, but a {} model that can be scored is {}",
                                                   printable(*architecture), family.model_type, family.architecture));
  }
  return family;
}

void refuse_unsupported(const JsonFields& config) {
  for (const char* field : {"attention_bias", "mlp_bias"}) {
    if (config.flag(field).value_or(false)) config.fail_field(field, "is true; biases are not supported");
  }
  const std::string activation = config.text("hidden_act").value_or("silu");
  if (activation != "silu") {
    config.fail_field("hidden_act", fmt::format("is {}; supported is silu", printable(activation)));
  }
  if (config.has("quantization_config")) {
    config.fail_field("quantization_config", "is not supported; take the unquantised checkpoint or a GGUF");
  }
}

void refuse_partial_rotary(const JsonFields& fields) {
  if (fields.positive("partial_rotary_factor").value_or(1) != 1) {
    fields.fail_field("partial_rotary_factor", "must be 1; turning a part of each head is not supported");
  }
}

// Of rope_scaling or rope_parameters. "type" is the older name of "rope_type".
std::optional<Llama3RopeScaling> read_scaling(const JsonFields& rope) {
  refuse_partial_rotary(rope);
  const std::optional<std::string> type = rope.text("rope_type");
  const std::optional<std::string> older = rope.text("type");
  if (type && older && type != older) {
    rope.fail_field("type", fmt::format("is {}, but rope_type is {}", printable(*older), printable(*type)));
  }
  if (!type && !older) {
    if (rope.has("factor")) rope.fail_field("rope_type", "is missing");
    return {};
  }
  const std::string& name = type ? *type : *older;
  if (name == "default") return {};
  if (name != "llama3") {
    rope.fail_field(type ? "rope_type" : "type",
                    fmt::format("is {}, which is not supported; supported are default, llama3", printable(name)));
  }
  const Llama3RopeScaling scaling{
      .factor = rope.required_positive("factor"),
      .low_freq_factor = rope.required_positive("low_freq_factor"),
      .high_freq_factor = rope.required_positive("high_freq_factor"),
      .original_context = static_cast<double>(rope.required_size("original_max_position_embeddings")),
  };
  if (scaling.factor < 1) rope.fail_field("factor", "must be at least 1");
  if (scaling.high_freq_factor <= scaling.low_freq_factor) {
    rope.fail_field("high_freq_factor", "must be greater than low_freq_factor");
  }
  return scaling;
}

Rope read_rope(const JsonFields& config, const Family& family) {
  refuse_partial_rotary(config);
  Rope rope;
  std::optional<double> theta = config.positive("rope_theta");
  const std::optional<JsonFields> scaling = config.object("rope_scaling");
  const std::optional<JsonFields> parameters = config.object("rope_parameters");
  if (scaling) rope.llama3 = read_scaling(*scaling);
  if (parameters) {
    const std::optional<Llama3RopeScaling> newer = read_scaling(*parameters);
    if (scaling && newer != rope.llama3) config.fail_field("rope_scaling", "contradicts rope_parameters");
    rope.llama3 = newer;
  }
  for (const std::optional<JsonFields>* fields : {&scaling, &parameters}) {
    if (!*fields) continue;
    const std::optional<double> inner = (*fields)->positive("rope_theta");
    if (theta && inner && *theta != *inner) (*fields)->fail_field("rope_theta", "contradicts another rope_theta");
    if (inner) theta = inner;
  }
  rope.theta = theta.value_or(family.default_theta);
  return rope;
}

// What a file calls the sizes of the attention, for messages.
struct SizeNames {
  std::string dim;
  std::string heads;
  std::string kv_heads;
  std::string head_dim;
};

// Fills in the head size where the file leaves it out, and checks what must hold between sizes that are each possible.
void complete_heads(Architecture& a, std::optional<int> head_dim, const std::string& where, const SizeNames& names) {
  if (!head_dim && a.dim % a.heads != 0) {
    fail_input("{}: {} is {}, which is not a multiple of {} {}", where, names.dim, a.dim, names.heads, a.heads);
  }
  a.head_dim = head_dim.value_or(a.dim / a.heads);
  if (a.heads % a.kv_heads != 0) {
    fail_input("{}: {} is {} and {} is {}; the first must be a multiple of the second", where, names.heads, a.heads,
               names.kv_heads, a.kv_heads);
  }
  if (a.head_dim % 2 != 0) {
    fail_input("{}: {} is {}; rotary positions need an even number", where, names.head_dim, a.head_dim);
  }
  if (int64_t{a.heads} * a.head_dim > kLargestSize) {
    fail_input("{}: {} {} times {} {} is too many", where, names.heads, a.heads, names.head_dim, a.head_dim);
  }
}

// Metadata of one GGUF below its architecture's prefix: field("block_count") is "llama.block_count".
class GgufFields {
 public:
  GgufFields(const GgufFile& file, const std::string& prefix) : file_(file), prefix_(prefix + ".") {}

  std::optional<int64_t> integer(const char* field) const { return file_.integer(prefix_ + field); }

  std::optional<int> size(const char* field) const {
    const std::optional<int64_t> value = integer(field);
    if (value && (*value < 1 || *value > kLargestSize)) {
      fail_field(field, fmt::format("must be a positive integer up to {}, it is {}", kLargestSize, *value));
    }
    return value ? std::optional<int>(static_cast<int>(*value)) : std::nullopt;
  }

  int required_size(const char* field) const {
    const std::optional<int> value = size(field);
    if (!value) fail_field(field, "is missing");
    return *value;
  }

  std::optional<double> positive(const char* field) const {
    const std::optional<double> value = file_.real(prefix_ + field);
    if (value && !(*value > 0 && *value < HUGE_VAL)) {
      fail_field(field, fmt::format("must be a positive number, it is {}", *value));
    }
    return value;
  }

  std::optional<std::string_view> text(const char* field) const { return file_.text(prefix_ + field); }

  std::string name(const char* field) const { return prefix_ + field; }

  [[noreturn]] void fail_field(const char* field, std::string_view reason) const {
    fail_input("{}: {} {}", file_.path().string(), name(field), reason);
  }

 private:
  const GgufFile& file_;
  std::string prefix_;
};

// In f32 it must neither vanish nor drown what it is added to.
template <typename Fields>
float norm_eps(double value, const Fields& fields, const char* field) {
  if (value < 1e-30 || value >= 1)
    fields.fail_field(field, fmt::format("must lie between 1e-30 and 1, it is {}", value));
  return static_cast<float>(value);
}

void refuse_unsupported(const GgufFields& fields, const Architecture& a) {
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
  for (const char* field : {"rope.dimension_count", "attention.value_length"}) {
    const std::optional<int> size = fields.size(field);
    if (size && *size != a.head_dim) {
      fields.fail_field(field, fmt::format("is {}, but a head has {} elements (attention.key_length, else "
                                           "embedding_length / attention.head_count)",
                                           *size, a.head_dim));
    }
  }
  // 0 is how some converters write that there are none.
  if (fields.integer("expert_count").value_or(0) != 0) {
    fields.fail_field("expert_count", "asks for experts, which are not supported");
  }
}

}  // namespace

Architecture read_config(const JsonFields& config) {
  const Family& family = family_of(config);
  refuse_unsupported(config);
  Architecture a;
  a.family = family.model_type;
  a.layers = config.required_size("num_hidden_layers");
  a.dim = config.required_size("hidden_size");
  a.heads = config.required_size("num_attention_heads");
  a.kv_heads = config.size("num_key_value_heads").value_or(a.heads);
  complete_heads(a, config.size("head_dim"), config.where(),
                 {"hidden_size", "num_attention_heads", "num_key_value_heads", "head_dim"});
  a.ffn_dim = config.required_size("intermediate_size");
  a.vocab = config.required_size("vocab_size");
  a.context = config.required_size("max_position_embeddings");
  a.norm_eps = norm_eps(config.required_positive("rms_norm_eps"), config, "rms_norm_eps");
  a.rope = read_rope(config, family);
  a.tied = config.flag("tie_word_embeddings").value_or(family.tied_by_default);
  return a;
}

Architecture read_gguf_architecture(const GgufFile& file) {
  const std::string where = file.path().string();
  const std::optional<std::string_view> name = file.text("general.architecture");
  if (!name) fail_input("{}: general.architecture is missing", where);
  const Family& family = family_of_gguf(*name, where);
  if (file.integer("split.count").value_or(1) > 1) {
    fail_input("{}: split.count says that this is a part of a model; merge the parts into one file", where);
  }
  const GgufFields fields(file, family.gguf);
  Architecture a;
  a.family = family.model_type;
  a.layers = fields.required_size("block_count");
  a.dim = fields.required_size("embedding_length");
  a.heads = fields.required_size("attention.head_count");
  a.kv_heads = fields.size("attention.head_count_kv").value_or(a.heads);
  complete_heads(a, fields.size("attention.key_length"), where,
                 {fields.name("embedding_length"), fields.name("attention.head_count"),
                  fields.name("attention.head_count_kv"), fields.name("attention.key_length")});
  a.ffn_dim = fields.required_size("feed_forward_length");
  a.context = fields.required_size("context_length");
  const std::optional<double> eps = fields.positive("attention.layer_norm_rms_epsilon");
  if (!eps) fields.fail_field("attention.layer_norm_rms_epsilon", "is missing");
  a.norm_eps = norm_eps(*eps, fields, "attention.layer_norm_rms_epsilon");
  a.rope.theta = fields.positive("rope.freq_base").value_or(family.default_theta);
  a.tied = !file.tensors().contains("output.weight");
  refuse_unsupported(fields, a);

  const auto embedding = file.tensors().find("token_embd.weight");
  const std::optional<int> vocab = fields.size("vocab_size");
  if (vocab) {
    a.vocab = *vocab;
  } else if (embedding != file.tensors().end() && embedding->second.shape.front() <= kLargestSize) {
    a.vocab = static_cast<int>(embedding->second.shape.front());
  } else {
    fields.fail_field("vocab_size", "is missing, and so is the tensor token_embd.weight");
  }
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
