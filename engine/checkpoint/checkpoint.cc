#include "engine/checkpoint/checkpoint.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "engine/checkpoint/chat_source.h"
#include "engine/checkpoint/config.h"
#include "engine/checkpoint/gguf.h"
#include "engine/checkpoint/gguf_architecture.h"
#include "engine/checkpoint/gguf_vocabulary.h"
#include "engine/checkpoint/locate.h"
#include "engine/checkpoint/safetensors.h"
#include "engine/checkpoint/synthetic.h"
#include "engine/checkpoint/weight_names.h"

namespace assay::engine {
namespace {

namespace fs = std::filesystem;

// What the files beside the weights say of the tokenizer.
struct TokenizerFacts {
  fs::path file;
  std::optional<bool> add_bos;
  std::string bos;  // written form
};

// "bos_token" is the token's text, or an object that has it as "content"; null where there is none.
std::string read_bos_token(const fs::path& path) {
  const nlohmann::json config = parse_json(read_file(path), path.string());
  const auto found = config.find("bos_token");
  if (found == config.end() || found->is_null()) return "";
  if (found->is_string()) return found->get<std::string>();
  if (found->is_object() && found->contains("content") && found->at("content").is_string()) return found->at("content");
  fail_input("{}: bos_token is neither a text nor an object with a content", path.string());
}

TokenizerFacts read_tokenizer_facts(const fs::path& folder, bool embedded_vocabulary) {
  TokenizerFacts facts;
  if (is_file(folder / "tokenizer.json")) {
    facts.file = folder / "tokenizer.json";
  } else if (!embedded_vocabulary && is_file(folder / "tokenizer.model")) {
    facts.file = folder / "tokenizer.model";
  }
  if (const fs::path path = folder / "tokenizer_config.json"; is_file(path)) {
    const JsonFields config = JsonFields::from_file(path);
    facts.add_bos = config.flag("add_bos_token");
    facts.bos = read_bos_token(path);
  }
  return facts;
}

// Row of the file for row `row` in "halves" order, where the file has the rotary pairs of each head side by side: its
// rows 2i and 2i + 1 are i and i + head_dim / 2 here (llama.cpp, conversion/llama.py, permute).
int interleaved_row(int row, int head_dim) {
  const int within = row % head_dim;
  const int half = head_dim / 2;
  return row - within + (within < half ? 2 * within : 2 * (within - half) + 1);
}

}  // namespace

struct Checkpoint::Impl {
  // The mapped files that the tensors of `weights` point into.
  std::vector<SafetensorsFile> shards;
  std::optional<GgufFile> gguf;

  Architecture architecture;
  BoundWeights weights;
  bool interleaves_rows = false;  // Family::gguf_interleaves_rows, norms_less_one: of the file that is open
  bool norms_less_one = false;
  bool is_synthetic = false;
  std::vector<fs::path> weight_files;
  TokenizerFacts tokenizer;
  std::optional<GgufVocabulary> vocabulary;
  std::optional<ChatSource> chat_source;
  std::vector<TokenId> end_tokens;

  void open_safetensors(const ModelFiles& files);
  void open_gguf(const fs::path& path);
  void open_synthetic(const std::string& name);
  void read_end_tokens_of(const fs::path& path);
  void check_end_tokens(const fs::path& where) const;
};

void Checkpoint::Impl::open_safetensors(const ModelFiles& files) {
  const fs::path config_file = files.folder / "config.json";
  if (!is_file(config_file)) {
    fail_input("{}: is missing; fetch it from where the weights come from", config_file.string());
  }
  const JsonFields config = JsonFields::from_file(config_file);
  architecture = read_config(config);
  norms_less_one = family_of_model_type(architecture.family, config_file.string()).norms_less_one;
  end_tokens = read_end_tokens(config).value_or(std::vector<TokenId>());
  Tensors tensors;
  if (files.index.empty()) {
    tensors = shards.emplace_back(files.safetensors).tensors();
  } else {
    shards = open_shards(files.index, tensors);
  }
  for (const SafetensorsFile& shard : shards) weight_files.push_back(shard.path());
  weights = bind_weights(FileKind::kSafetensors, tensors, architecture,
                         files.index.empty() ? files.safetensors : files.index);
  tokenizer = read_tokenizer_facts(files.folder, false);
}

void Checkpoint::Impl::open_gguf(const fs::path& path) {
  gguf.emplace(path);
  weight_files.push_back(path);
  architecture = read_gguf_architecture(*gguf);
  architecture.rope.frequency_divisors = read_frequency_divisors(*gguf, architecture);
  interleaves_rows = family_of(*gguf).gguf_interleaves_rows;
  weights = bind_weights(FileKind::kGguf, gguf->tensors(), architecture, path);
  if (has_vocabulary(*gguf)) vocabulary = read_vocabulary(*gguf);
  if (vocabulary && vocabulary->tokens.size() > static_cast<size_t>(architecture.vocab)) {
    fail_input("{}: tokenizer.ggml.tokens has {} elements, but the embedding has {} rows", path.string(),
               vocabulary->tokens.size(), architecture.vocab);
  }
  end_tokens = gguf_end_tokens(*gguf);
  tokenizer = read_tokenizer_facts(path.parent_path(), vocabulary.has_value());
}

void Checkpoint::Impl::open_synthetic(const std::string& name) {
  SyntheticModel model = synthetic_model(name);
  is_synthetic = true;
  architecture = std::move(model.architecture);
  end_tokens = {*model.vocabulary.eos};
  vocabulary = std::move(model.vocabulary);
}

// generation_config.json wins over config.json and the GGUF: it is where instruct models list all their end tokens.
void Checkpoint::Impl::read_end_tokens_of(const fs::path& path) {
  if (!is_file(path)) return;
  if (auto ids = read_end_tokens(JsonFields::from_file(path))) end_tokens = std::move(*ids);
}

void Checkpoint::Impl::check_end_tokens(const fs::path& where) const {
  for (const TokenId id : end_tokens) {
    if (id >= architecture.vocab) {
      fail_input("{}: eos_token_id is {}, but the embedding has {} rows; config and weights are of different models",
                 where.string(), id, architecture.vocab);
    }
  }
}

Checkpoint Checkpoint::open(const std::string& model) {
  auto impl = std::make_shared<Impl>();
  if (model.starts_with(kSyntheticPrefix)) {
    impl->open_synthetic(model.substr(kSyntheticPrefix.size()));
    return Checkpoint(std::move(impl));
  }
  const ModelFiles files = locate_model(model);
  if (files.gguf.empty()) {
    impl->open_safetensors(files);
  } else {
    impl->open_gguf(files.gguf);
  }
  impl->read_end_tokens_of(files.folder / "generation_config.json");
  impl->chat_source = read_chat_source(files.folder, impl->gguf ? &*impl->gguf : nullptr,
                                       impl->vocabulary ? &*impl->vocabulary : nullptr);
  impl->check_end_tokens(files.gguf.empty() ? files.folder : files.gguf);
  return Checkpoint(std::move(impl));
}

const Architecture& Checkpoint::architecture() const {
  return impl_->architecture;
}

namespace {

// Of a type whose blocks are one value.
std::optional<DataType> plain_type(const BlockType& type) {
  const std::string_view name = type.name;
  if (name == "f32") return DataType::kF32;
  if (name == "bf16") return DataType::kBf16;
  if (name == "f16") return DataType::kF16;
  return std::nullopt;
}

}  // namespace

WeightMatrix Checkpoint::weight(Weight which, int layer, int expert) const {
  if (impl_->is_synthetic) return synthetic_weight(impl_->architecture, which, layer, expert);
  const std::vector<Tensor>& tensors = impl_->weights.at(static_cast<size_t>(layer)).at(static_cast<size_t>(which));
  if (static_cast<size_t>(expert) >= tensors.size()) {
    fail(ExitCode::kInternal, "there is no weight {} of layer {} and expert {}", static_cast<int>(which), layer,
         expert);
  }
  const Tensor& tensor = tensors[static_cast<size_t>(expert)];
  WeightMatrix matrix{static_cast<int>(tensor.shape.front()), static_cast<int>(tensor.shape.back()), {}};
  const bool interleaved = impl_->interleaves_rows && (which == Weight::kQuery || which == Weight::kKey);
  const auto stored = [data = tensor.data, row_bytes = tensor.bytes / matrix.rows,
                       head_dim = interleaved ? impl_->architecture.head_dim : 0](int row) {
    return data + (head_dim == 0 ? row : interleaved_row(row, head_dim)) * row_bytes;
  };
  const auto read = [stored, cols = matrix.cols, dequantise = tensor.type->dequantise](int row, float* out) {
    dequantise(stored(row), cols, out);
  };
  if (impl_->norms_less_one && shape_of(which).is_norm) {
    matrix.read = [read, cols = matrix.cols](int row, float* out) {
      read(row, out);
      for (int col = 0; col < cols; ++col) out[col] += 1;
    };
  } else if (const std::optional<DataType> plain = plain_type(*tensor.type)) {
    matrix.read = RowReader(read, *plain, stored);
  } else {
    matrix.read = read;
  }
  return matrix;
}

namespace {

// Calls `visit` for each weight once: a tied head is the embedding.
template <typename Visit>
void for_each_tensor(const BoundWeights& weights, bool tied, const Visit& visit) {
  for (const BoundLayer& layer : weights) {
    for (size_t which = 0; which < layer.size(); ++which) {
      if (tied && which == static_cast<size_t>(Weight::kHead)) continue;
      for (const Tensor& tensor : layer[which]) visit(tensor);
    }
  }
}

}  // namespace

std::string Checkpoint::stored_type() const {
  if (impl_->is_synthetic) return "bf16";
  const Tensor* largest = nullptr;
  for_each_tensor(impl_->weights, impl_->architecture.tied, [&](const Tensor& tensor) {
    if (largest == nullptr || tensor.values() > largest->values()) largest = &tensor;
  });
  return largest->type->name;
}

int64_t Checkpoint::parameters() const {
  if (impl_->is_synthetic) return synthetic_parameters(impl_->architecture);
  int64_t parameters = 0;
  for_each_tensor(impl_->weights, impl_->architecture.tied,
                  [&](const Tensor& tensor) { parameters += tensor.values(); });
  return parameters;
}

std::vector<fs::path> Checkpoint::weight_files() const {
  return impl_->weight_files;
}

fs::path Checkpoint::tokenizer_file() const {
  return impl_->tokenizer.file;
}

const std::optional<GgufVocabulary>& Checkpoint::gguf_vocabulary() const {
  return impl_->vocabulary;
}

std::optional<bool> Checkpoint::add_bos_token() const {
  return impl_->tokenizer.add_bos;
}

const std::string& Checkpoint::bos_token() const {
  return impl_->tokenizer.bos;
}

const std::optional<ChatSource>& Checkpoint::chat_source() const {
  return impl_->chat_source;
}

const std::vector<TokenId>& Checkpoint::end_tokens() const {
  return impl_->end_tokens;
}

}  // namespace assay::engine
