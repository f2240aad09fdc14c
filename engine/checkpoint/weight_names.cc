#include "engine/checkpoint/weight_names.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "engine/checkpoint/weight_places.h"

namespace assay::engine {
namespace {

const char* name_of(Size size, FileKind kind) {
  const bool gguf = kind == FileKind::kGguf;
  switch (size) {
    case Size::kOne:
      return "1";
    case Size::kVocab:
      return "vocab_size";
    case Size::kDim:
      return gguf ? "embedding_length" : "hidden_size";
    case Size::kQueryRows:
      return gguf ? "head_count * key_length" : "num_attention_heads * head_dim";
    case Size::kKeyRows:
      return gguf ? "head_count_kv * key_length" : "num_key_value_heads * head_dim";
    case Size::kQueryNorm:
    case Size::kKeyNorm:
      return gguf ? "head counts and key_length" : "numbers of heads and head_dim";
    case Size::kFfn:
      return gguf ? "feed_forward_length" : "intermediate_size";
    case Size::kExperts:
      return gguf ? "expert_count" : "num_local_experts";
  }
  return "";
}

// Rows first_row .. first_row + rows of a tensor whose rows all have the length cols.
Tensor rows_of(const Tensor& tensor, int64_t first_row, int64_t rows, int64_t cols) {
  const int64_t row_bytes = tensor.bytes / (tensor.values() / cols);
  Tensor part = tensor;
  part.shape = {rows, cols};
  part.data += first_row * row_bytes;
  part.bytes = rows * row_bytes;
  return part;
}

class Binder {
 public:
  Binder(FileKind kind, const Tensors& tensors, const Architecture& architecture, const std::filesystem::path& file)
      : kind_(kind), tensors_(tensors), architecture_(architecture), file_(file.string()) {
    for (const Place& place : kind == FileKind::kGguf ? gguf_places() : safetensors_places()) {
      if (applies(place)) places_.push_back(&place);
    }
  }

  BoundWeights bind() {
    // Grows layer by layer, so that a number of layers that the file does not bear out costs nothing.
    BoundWeights weights;
    for (int layer = 0; layer < architecture_.layers; ++layer) {
      BoundLayer& bound = weights.emplace_back();
      for (const Place* place : places_) bind_place(*place, layer, bound);
      if (layer == 0 && architecture_.tied) bind_tied(bound);
      check_complete(bound, layer);
    }
    refuse_unused();
    return weights;
  }

 private:
  static bool is_one_expert(const Place& place) { return std::strchr(place.name, '#') != nullptr; }

  bool applies(const Place& place) const {
    for (const Weight which : place.stacked) {
      if (!has_weight(architecture_, which)) return false;
    }
    const bool of_experts = is_one_expert(place) || place.all_experts;
    return shape_of(place.stacked.front()).owner != Owner::kExpert || of_experts == (architecture_.experts > 0);
  }

  bool belongs(Weight which, int layer) const { return layer == 0 || shape_of(which).owner != Owner::kModel; }

  bool may_be_tied(Weight which) const {
    return architecture_.tied && (which == Weight::kEmbedding || which == Weight::kHead);
  }

  std::string tensor_name(const Place& place, int layer, int expert) const {
    return replace_all(replace_all(place.name, "*", std::to_string(layer)), "#", std::to_string(expert));
  }

  int64_t stacked_rows(const Place& place) const {
    int64_t rows = 0;
    for (const Weight which : place.stacked) rows += value_of(shape_of(which).rows, architecture_);
    return rows;
  }

  std::vector<int64_t> wanted_shape(const Place& place) const {
    const WeightShape& shape = shape_of(place.stacked.front());
    const int64_t cols = value_of(shape.cols, architecture_);
    if (shape.rows == Size::kOne) return {cols};
    if (place.all_experts) return {architecture_.experts, stacked_rows(place), cols};
    return {stacked_rows(place), cols};
  }

  void bind_place(const Place& place, int layer, BoundLayer& bound) {
    if (!belongs(place.stacked.front(), layer) || may_be_tied(place.stacked.front())) return;
    const int tensors = is_one_expert(place) ? architecture_.experts : 1;
    for (int expert = 0; expert < tensors; ++expert) {
      if (!bind_tensor(place, tensor_name(place, layer, expert), expert, bound)) return;
    }
  }

  bool bind_tensor(const Place& place, const std::string& name, int expert, BoundLayer& bound) {
    const auto found = tensors_.find(name);
    if (found == tensors_.end() || used_.contains(name) || found->second.shape != wanted_shape(place)) return false;
    for (const Weight which : place.stacked) {
      if (bound[static_cast<size_t>(which)].size() != static_cast<size_t>(expert)) return false;
    }
    check_type(name, found->second);
    used_.insert(name);
    int64_t row = 0;
    for (int copy = 0; copy < (place.all_experts ? architecture_.experts : 1); ++copy) {
      for (const Weight which : place.stacked) {
        const WeightShape& shape = shape_of(which);
        const int64_t rows = value_of(shape.rows, architecture_);
        bound[static_cast<size_t>(which)].push_back(
            rows_of(found->second, row, rows, value_of(shape.cols, architecture_)));
        row += rows;
      }
    }
    return true;
  }

  // A tied matrix may be stored under either name, or under both if they agree.
  void bind_tied(BoundLayer& first) {
    const Place& embedding = *places_.front();
    const Place& head = *places_.back();
    std::vector<Tensor> stored;
    for (const Place* place : {&embedding, &head}) {
      const auto found = tensors_.find(place->name);
      if (found == tensors_.end()) continue;
      check_shape(*place, place->name, found->second);
      check_type(place->name, found->second);
      used_.insert(place->name);
      stored.push_back(found->second);
    }
    if (stored.empty()) fail_input("{}: tensor {} is missing", file_, embedding.name);
    const Tensor& a = stored.front();
    const Tensor& b = stored.back();
    if (a.type != b.type || std::memcmp(a.data, b.data, static_cast<size_t>(a.bytes)) != 0) {
      fail_input(
          "{}: tie_word_embeddings is true, but tensor {} differs from {}; set it to false if the head is to count",
          file_, head.name, embedding.name);
    }
    first[static_cast<size_t>(Weight::kEmbedding)] = {a};
    first[static_cast<size_t>(Weight::kHead)] = {a};
  }

  void check_type(const std::string& name, const Tensor& tensor) const {
    if (tensor.type->dequantise != nullptr) return;
    fail_input("{}: tensor {} is stored as {}, which is not supported; supported are {}", file_, name,
               tensor.type->name, kind_ == FileKind::kGguf ? readable_ggml_types() : readable_safetensors_types());
  }

  void check_shape(const Place& place, const std::string& name, const Tensor& tensor) const {
    const std::vector<int64_t> wanted = wanted_shape(place);
    if (tensor.shape == wanted) return;
    std::vector<std::string> names;
    if (place.all_experts) names.emplace_back(name_of(Size::kExperts, kind_));
    std::vector<std::string> rows;
    for (const Weight which : place.stacked) rows.emplace_back(name_of(shape_of(which).rows, kind_));
    if (wanted.size() > 1) names.push_back(join(rows, " + "));
    names.emplace_back(name_of(shape_of(place.stacked.front()).cols, kind_));
    fail_input("{}: tensor {} has the shape {}, but the model's {} say {}", file_, name, shape_text(tensor.shape),
               join(names, " and "), shape_text(wanted));
  }

  void check_complete(const BoundLayer& bound, int layer) const {
    for (const WeightShape& shape : weight_shapes()) {
      if (!has_weight(architecture_, shape.which) || !belongs(shape.which, layer)) continue;
      const size_t copies = bound[static_cast<size_t>(shape.which)].size();
      if (copies != static_cast<size_t>(copies_of(architecture_, shape.which))) {
        fail_unbound(shape.which, layer, static_cast<int>(copies));
      }
    }
  }

  // Names the tensor that would be right but for its shape, else all that would do.
  [[noreturn]] void fail_unbound(Weight which, int layer, int expert) const {
    std::vector<std::string> names;
    for (const Place* place : places_) {
      if (std::find(place->stacked.begin(), place->stacked.end(), which) == place->stacked.end()) continue;
      const std::string name = tensor_name(*place, layer, expert);
      if (used_.contains(name)) continue;
      if (const auto found = tensors_.find(name); found != tensors_.end()) check_shape(*place, name, found->second);
      names.push_back(name);
    }
    const std::vector<std::string> others(names.begin() + 1, names.end());
    fail_input("{}: tensor {} is missing{}", file_, names.front(),
               others.empty() ? "" : fmt::format(" ({} would do as well)", join(others, " or ")));
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
  std::vector<const Place*> places_;  // those that apply
  std::set<std::string, std::less<>> used_;
};

}  // namespace

BoundWeights bind_weights(FileKind kind, const Tensors& tensors, const Architecture& architecture,
                          const std::filesystem::path& file) {
  return Binder(kind, tensors, architecture, file).bind();
}

}  // namespace assay::engine
