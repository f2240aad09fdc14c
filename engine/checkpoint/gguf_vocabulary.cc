#include "engine/checkpoint/gguf_vocabulary.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {
namespace {

constexpr const char* kTokens = "tokenizer.ggml.tokens";

std::vector<std::string> own(const std::vector<std::string_view>& views) {
  return {views.begin(), views.end()};
}

std::optional<TokenId> read_id(const GgufFile& file, const char* key, size_t vocabulary) {
  const std::optional<int64_t> id = file.integer(key);
  if (!id) return {};
  if (*id < 0 || static_cast<uint64_t>(*id) >= vocabulary) {
    fail_input("{}: {} is {}, but the vocabulary has {} tokens", file.path().string(), key, *id, vocabulary);
  }
  return static_cast<TokenId>(*id);
}

size_t vocabulary_size(const GgufFile& file) {
  const auto tokens = file.texts(kTokens);
  return tokens ? tokens->size() : 0;
}

void check_size(const GgufFile& file, const char* key, size_t size, size_t vocabulary) {
  if (size != vocabulary) {
    fail_input("{}: {} has {} elements, but {} has {}", file.path().string(), key, size, kTokens, vocabulary);
  }
}

}  // namespace

bool has_vocabulary(const GgufFile& file) {
  return file.texts(kTokens).has_value();
}

GgufVocabulary read_vocabulary(const GgufFile& file) {
  GgufVocabulary vocabulary;
  const auto model = file.text("tokenizer.ggml.model");
  const auto tokens = file.texts(kTokens);
  if (!model || !tokens) {
    fail_input("{}: has no vocabulary ({} is missing); put the model's tokenizer.json beside it", file.path().string(),
               model ? kTokens : "tokenizer.ggml.model");
  }
  vocabulary.model = printable(*model);
  vocabulary.pre = printable(file.text("tokenizer.ggml.pre").value_or(""));
  vocabulary.tokens = own(*tokens);
  if (const auto merges = file.texts("tokenizer.ggml.merges")) vocabulary.merges = own(*merges);

  constexpr const char* kScores = "tokenizer.ggml.scores";
  if (const auto scores = file.reals(kScores)) {
    check_size(file, kScores, scores->size(), tokens->size());
    for (const double score : *scores) vocabulary.scores.push_back(static_cast<float>(score));
  }
  constexpr const char* kTypes = "tokenizer.ggml.token_type";
  if (const auto types = file.integers(kTypes)) {
    check_size(file, kTypes, types->size(), tokens->size());
    for (const int64_t type : *types) {
      if (type < 0 || type > 6) fail_input("{}: {} holds {}, types are 0 to 6", file.path().string(), kTypes, type);
      vocabulary.types.push_back(static_cast<int32_t>(type));
    }
  }
  vocabulary.bos = read_id(file, "tokenizer.ggml.bos_token_id", tokens->size());
  vocabulary.eos = read_id(file, "tokenizer.ggml.eos_token_id", tokens->size());
  vocabulary.add_bos = file.flag("tokenizer.ggml.add_bos_token");
  vocabulary.add_space_prefix = file.flag("tokenizer.ggml.add_space_prefix");
  return vocabulary;
}

std::vector<TokenId> gguf_end_tokens(const GgufFile& file) {
  std::vector<TokenId> ids;
  const size_t vocabulary = vocabulary_size(file);
  for (const char* key :
       {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"}) {
    const std::optional<TokenId> id = read_id(file, key, vocabulary);
    if (id && std::find(ids.begin(), ids.end(), *id) == ids.end()) ids.push_back(*id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace assay::engine
