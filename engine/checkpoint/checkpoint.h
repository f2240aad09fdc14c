// A checkpoint on disk: what a model folder, a GGUF file or a name in the Hugging Face cache holds, checked and mapped.
//
// Nothing of the file is trusted: every offset, count and size is checked before it is used, and every error names the
// file and the field. No allocation is larger than the file justifies. Immutable and thread-safe after opening.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/model/architecture.h"
#include "engine/request.h"

namespace assay::engine {

// What a tensor is for, whatever the file calls it.
enum class Weight {
  kEmbedding,        // (vocab, dim)
  kAttentionNorm,    // (dim), per layer, and so on up to kDown
  kQuery,            // (heads * head_dim, dim)
  kKey,              // (kv_heads * head_dim, dim)
  kValue,            // (kv_heads * head_dim, dim)
  kAttentionOutput,  // (dim, heads * head_dim)
  kFfnNorm,          // (dim)
  kGate,             // (ffn_dim, dim)
  kUp,               // (ffn_dim, dim)
  kDown,             // (dim, ffn_dim)
  kFinalNorm,        // (dim)
  kHead,             // (vocab, dim); the embedding where the architecture is tied
};

// A matrix that stays in the mapped file and is read row by row as f32. Rotary rows are always in the "halves" order
// (element i turns with i + head_dim / 2), whatever the file has. `read` is thread-safe and valid as long as the
// checkpoint lives. A vector is a matrix of one row.
struct WeightMatrix {
  int rows = 0;
  int cols = 0;
  std::function<void(int row, float* out)> read;
};

// The vocabulary inside a GGUF, as its metadata has it.
struct GgufVocabulary {
  std::string model;  // tokenizer.ggml.model: gpt2 | llama
  std::string pre;    // tokenizer.ggml.pre: llama-bpe | smollm | gpt-2 | ... ; empty where absent
  std::vector<std::string> tokens;
  std::vector<float> scores;        // llama; may be empty
  std::vector<int32_t> types;       // 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte; may be empty
  std::vector<std::string> merges;  // gpt2: "left right"
  std::optional<TokenId> bos;
  std::optional<TokenId> eos;
  std::optional<bool> add_bos;
  std::optional<bool> add_space_prefix;
};

// A chat template as the files have it.
struct ChatSource {
  std::string text;                           // Jinja
  std::string problem;                        // instead of a text: why there is none to use
  std::map<std::string, std::string> tokens;  // bos_token, eos_token and the rest by name, written form
};

class Checkpoint {
 public:
  // `model` as INTERFACE.md defines M. Throws Error(kBadInput) for a damaged or unknown checkpoint, Error(kUsage) for a
  // folder with several GGUF files, Error(kUnavailable) where there is nothing of that name. synthetic:NAME is a model
  // without files (synthetic.h).
  static Checkpoint open(const std::string& model);

  const Architecture& architecture() const;
  WeightMatrix weight(Weight which, int layer = 0) const;

  // bf16 | f16 | f32 | q8_0 | ...: of the largest tensor.
  std::string stored_type() const;
  int64_t parameters() const;
  std::vector<std::filesystem::path> weight_files() const;

  // tokenizer.json or tokenizer.model beside the weights; empty where only `gguf_vocabulary` is there. A
  // tokenizer.json beside a GGUF wins over the embedded vocabulary.
  std::filesystem::path tokenizer_file() const;
  const std::optional<GgufVocabulary>& gguf_vocabulary() const;
  std::optional<bool> add_bos_token() const;  // of tokenizer_config.json
  const std::string& bos_token() const;       // of tokenizer_config.json, written form; empty where it names none
  // Of chat_template.jinja, tokenizer_config.json or the GGUF.
  const std::optional<ChatSource>& chat_source() const;
  bool has_chat_template() const { return chat_source().has_value(); }
  // End tokens: eos_token_id of generation_config.json, else of config.json or the GGUF; a number or a list.
  const std::vector<TokenId>& end_tokens() const;

  struct Impl;

 private:
  explicit Checkpoint(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace assay::engine
