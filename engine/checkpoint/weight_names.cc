#include "engine/checkpoint/weight_names.h"

#include <cstring>
#include <set>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {
namespace {

enum class Size { kVocab, kDim, kQueryRows, kKeyRows, kFfn };

int64_t value_of(Size size, const Architecture& a) {
  switch (size) {
    case Size::kVocab:
      return a.vocab;
    case Size::kDim:
      return a.dim;
    case Size::kQueryRows:
      return int64_t{a.heads} * a.head_dim;
    case Size::kKeyRows:
      return int64_t{a.kv_heads} * a.head_dim;
    case Size::kFfn:
      return a.ffn_dim;
  }
  return 0;
}

const char* name_of(Size size, FileKind kind) {
  const bool gguf = kind == FileKind::kGguf;
  switch (size) {
    case Size::kVocab:
      return "vocab_size";
    case Size::kDim:
      return gguf ? "embedding_length" : "hidden_size";
    case Size::kQueryRows:
      return gguf ? "head_count * key_length" : "num_attention_heads * head_dim";
    case Size::kKeyRows:
      return gguf ? "head_count_kv * key_length" : "num_key_value_heads * head_dim";
    case Size::kFfn:
      return gguf ? "feed_forward_length" : "intermediate_size";
  }
  return "";
}

struct Pattern {
  Weight which;
  const char* safetensors;  // "*" is the layer
  const char* gguf;
  std::vector<Size> shape;
};

// The first is the embedding, the last the head.
const std::vector<Pattern>& patterns() {
  static const std::vector<Pattern> kPatterns = {
      {Weight::kEmbedding, "model.embed_tokens.weight", "token_embd.weight", {Size::kVocab, Size::kDim}},
      {Weight::kAttentionNorm, "model.layers.*.input_layernorm.weight", "blk.*.attn_norm.weight", {Size::kDim}},
      {Weight::kQuery, "model.layers.*.self_attn.q_proj.weight", "blk.*.attn_q.weight", {Size::kQueryRows, Size::kDim}},
      {Weight::kKey, "model.layers.*.self_attn.k_proj.weight", "blk.*.attn_k.weight", {Size::kKeyRows, Size::kDim}},
      {Weight::kValue, "model.layers.*.self_attn.v_proj.weight", "blk.*.attn_v.weight", {Size::kKeyRows, Size::kDim}},
      {Weight::kAttentionOutput,
       "model.layers.*.self_attn.o_proj.weight",
       "blk.*.attn_output.weight",
       {Size::kDim, Size::kQueryRows}},
      {Weight::kFfnNorm, "model.layers.*.post_attention_layernorm.weight", "blk.*.ffn_norm.weight", {Size::kDim}},
      {Weight::kGate, "model.layers.*.mlp.gate_proj.weight", "blk.*.ffn_gate.weight", {Size::kFfn, Size::kDim}},
      {Weight::kUp, "model.layers.*.mlp.up_proj.weight", "blk.*.ffn_up.weight", {Size::kFfn, Size::kDim}},
      {Weight::kDown, "model.layers.*.mlp.down_proj.weight", "blk.*.ffn_down.weight", {Size::kDim, Size::kFfn}},
      {Weight::kFinalNorm, "model.norm.weight", "output_norm.weight", {Size::kDim}},
      {Weight::kHead, "lm_head.weight", "output.weight", {Size::kVocab, Size::kDim}},
  };
  return kPatterns;
}

bool is_per_layer(const Pattern& pattern) {
  return std::strchr(pattern.gguf, '*') != nullptr;
}

class Binder {
 public:
  Binder(FileKind kind, const Tensors& tensors, const Architecture& architecture, const std::filesystem::path& file)
      : kind_(kind), tensors_(tensors), architecture_(architecture), file_(file.string()) {}

  BoundWeights bind() {
    // Grows layer by layer, so that a number of layers that the file does not bear out costs nothing.
    BoundWeights weights;
    for (int layer = 0; layer < architecture_.layers; ++layer) {
      BoundLayer& bound = weights.emplace_back();
      for (const Pattern& pattern : patterns()) {
        const bool stored_once = !is_per_layer(pattern);
        const bool maybe_tied = pattern.which == Weight::kEmbedding || pattern.which == Weight::kHead;
        if ((stored_once && layer > 0) || (maybe_tied && architecture_.tied)) continue;
        bound[static_cast<size_t>(pattern.which)] = find(pattern, layer);
      }
    }
    if (architecture_.tied) bind_tied(weights.front());
    refuse_unused();
    return weights;
  }

 private:
  std::string tensor_name(const Pattern& pattern, int layer) const {
    return replace_all(kind_ == FileKind::kGguf ? pattern.gguf : pattern.safetensors, "*", std::to_string(layer));
  }

  const Tensor& find(const Pattern& pattern, int layer) {
    const std::string name = tensor_name(pattern, layer);
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) fail_input("{}: tensor {} is missing", file_, name);
    check(pattern, name, found->second);
    used_.insert(name);
    return found->second;
  }

  // A tied matrix may be stored under either name, or under both if they agree.
  void bind_tied(BoundLayer& first) {
    const Pattern& embedding = patterns().front();
    const Pattern& head = patterns().back();
    const bool has_head = tensors_.contains(tensor_name(head, 0));
    const Tensor& tensor = find(has_head && !tensors_.contains(tensor_name(embedding, 0)) ? head : embedding, 0);
    if (has_head) {
      const Tensor& other = find(head, 0);
      if (other.type != tensor.type || std::memcmp(other.data, tensor.data, static_cast<size_t>(tensor.bytes)) != 0) {
        fail_input(
            "{}: tie_word_embeddings is true, but tensor {} differs from {}; set it to false if the head is to "
            "count",
            file_, tensor_name(head, 0), tensor_name(embedding, 0));
      }
    }
    first[static_cast<size_t>(Weight::kEmbedding)] = tensor;
    first[static_cast<size_t>(Weight::kHead)] = tensor;
  }

  void check(const Pattern& pattern, const std::string& name, const Tensor& tensor) const {
    std::vector<int64_t> wanted;
    std::vector<std::string> names;
    for (const Size size : pattern.shape) {
      wanted.push_back(value_of(size, architecture_));
      names.emplace_back(name_of(size, kind_));
    }
    if (tensor.shape != wanted) {
      fail_input("{}: tensor {} has the shape {}, but the model's {} say {}", file_, name, shape_text(tensor.shape),
                 join(names, " and "), shape_text(wanted));
    }
    if (tensor.type->dequantise == nullptr) {
      fail_input("{}: tensor {} is stored as {}, which is not supported; supported are {}", file_, name,
                 tensor.type->name, kind_ == FileKind::kGguf ? readable_ggml_types() : readable_safetensors_types());
    }
  }

  void refuse_unused() const {
    const std::string_view layers = kind_ == FileKind::kGguf ? "blk." : "model.layers.";
    for (const auto& [name, tensor] : tensors_) {
      // Tables of rotary frequencies that old converters stored: a function of the configuration.
      if (used_.contains(name) || name.ends_with("rotary_emb.inv_freq") || name.ends_with("attn_rot_embd")) continue;
      if (name.starts_with(layers) || name.ends_with(".bias")) {
        fail_input("{}: tensor {} has no place in a {} network of {} layers; leaving it out would give other scores",
                   file_, printable(name), architecture_.family, architecture_.layers);
      }
    }
  }

  FileKind kind_;
  const Tensors& tensors_;
  const Architecture& architecture_;
  std::string file_;
  std::set<std::string, std::less<>> used_;
};

}  // namespace

BoundWeights bind_weights(FileKind kind, const Tensors& tensors, const Architecture& architecture,
                          const std::filesystem::path& file) {
  return Binder(kind, tensors, architecture, file).bind();
}

}  // namespace assay::engine
