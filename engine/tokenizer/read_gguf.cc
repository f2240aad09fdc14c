#include "engine/tokenizer/read_gguf.h"

#include <utility>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {
namespace {

constexpr const char* kSource = "the vocabulary of the GGUF";

// tokenizer.ggml.token_type
enum TokenType { kNormal = 1, kUnknown = 2, kControl = 3, kUserDefined = 4, kUnused = 5, kByte = 6 };

int type_of(const GgufVocabulary& vocabulary, size_t id) {
  return vocabulary.types.empty() ? kNormal : vocabulary.types[id];
}

void check_sizes(const GgufVocabulary& vocabulary) {
  const size_t count = vocabulary.tokens.size();
  if (count == 0) fail_input("{}: tokenizer.ggml.tokens is empty", kSource);
  if (!vocabulary.types.empty() && vocabulary.types.size() != count) {
    fail_input("{}: tokenizer.ggml.token_type has {} entries for {} tokens", kSource, vocabulary.types.size(), count);
  }
  for (size_t id = 0; id < count; ++id) {
    if (!is_valid_utf8(vocabulary.tokens[id])) fail_input("{}: token {} is not valid UTF-8", kSource, id);
    if (const int type = type_of(vocabulary, id); type < kNormal || type > kByte) {
      fail_input("{}: tokenizer.ggml.token_type of token {} is {}, which is no type", kSource, id, type);
    }
  }
}

// Control and unknown tokens are special: never made from text.
void add_tokens(const GgufVocabulary& vocabulary, TokenizerDefinition& definition) {
  for (size_t i = 0; i < vocabulary.tokens.size(); ++i) {
    const int type = type_of(vocabulary, i);
    const auto id = static_cast<TokenId>(i);
    definition.bpe.vocabulary.push_back({vocabulary.tokens[i], id});
    if (type == kControl || type == kUnknown || type == kUserDefined) {
      definition.added.push_back({.text = vocabulary.tokens[i], .id = id, .special = type != kUserDefined});
    }
  }
}

PreTokenizerStep isolate(std::string_view pattern) {
  return {.pattern = std::string(pattern)};
}

void set_pre_tokenizer(std::string_view name, TokenizerDefinition& definition) {
  std::vector<PreTokenizerStep>& steps = definition.pre_tokenizer;
  if (name == "llama-bpe" || name == "llama3" || name == "llama-v3") {
    steps = {isolate(kLlama3Pattern)};
    definition.bpe.ignore_merges = true;
  } else if (name == "smollm") {
    steps = {isolate(R"(\p{N})"), isolate(kGpt2Pattern)};
  } else if (name == "gpt-2") {
    steps = {isolate(kGpt2Pattern)};
  } else if (name == "qwen2") {
    definition.normalizer = {{NormalizerStep::Kind::kNfc, "", ""}};
    steps = {isolate(kQwen2Pattern)};
  } else if (name == "tekken") {
    steps = {isolate(kTekkenPattern)};
    definition.bpe.ignore_merges = true;
  } else if (name == "default" || name.empty()) {
    steps = {isolate(R"([\p{P}\$\+<=>\^~\|]+)"), isolate(kGpt2Pattern), isolate(R"(\p{N}+)"),
             isolate("[0-9][0-9][0-9]")};
  } else {
    fail_input("{}: tokenizer.ggml.pre is \"{}\", which is not known; put the model's tokenizer.json beside the file",
               kSource, printable(name));
  }
}

void read_byte_level(const GgufVocabulary& vocabulary, TokenizerDefinition& definition) {
  definition.bpe.byte_level = true;
  set_pre_tokenizer(vocabulary.pre, definition);
  if (vocabulary.add_space_prefix.value_or(false)) {
    const PreTokenizerStep prefix{.kind = PreTokenizerStep::Kind::kPrefix, .to = " ", .first_only = true};
    definition.pre_tokenizer.insert(definition.pre_tokenizer.begin(), prefix);
  }
  for (const std::string& merge : vocabulary.merges) {
    const size_t space = merge.find(' ', 1);  // a token may begin with a space, but none in use does
    if (space == std::string::npos || space == 0) {
      fail_input("{}: tokenizer.ggml.merges has \"{}\", which is not two tokens", kSource, printable(merge));
    }
    definition.bpe.merges.emplace_back(merge.substr(0, space), merge.substr(space + 1));
  }
  definition.decoder.kind = DecoderDefinition::Kind::kByteLevel;
}

// SentencePiece's BPE (llama.cpp, llm_tokenizer_spm): merges follow from the scores.
void read_scored(const GgufVocabulary& vocabulary, TokenizerDefinition& definition) {
  if (vocabulary.scores.size() != vocabulary.tokens.size()) {
    fail_input("{}: tokenizer.ggml.scores has {} entries for {} tokens", kSource, vocabulary.scores.size(),
               vocabulary.tokens.size());
  }
  BpeDefinition& bpe = definition.bpe;
  bpe.byte_fallback = true;
  bpe.fuse_unknown = true;
  for (size_t id = 0; id < vocabulary.tokens.size(); ++id) {
    const int type = type_of(vocabulary, id);
    if (type == kUnknown && !bpe.unknown) bpe.unknown = vocabulary.tokens[id];
    const bool merges = type == kNormal || type == kUserDefined;
    bpe.merge_scores.push_back(merges ? std::optional(vocabulary.scores[id]) : std::nullopt);
  }
  const bool prefix = vocabulary.add_space_prefix.value_or(true);
  const std::string mark(kMetaSpace);
  if (prefix) definition.normalizer.push_back({NormalizerStep::Kind::kPrepend, "", mark});
  definition.normalizer.push_back({NormalizerStep::Kind::kReplace, " ", mark});
  DecoderDefinition& decoder = definition.decoder;
  decoder.kind = DecoderDefinition::Kind::kPieces;
  decoder.replacements.emplace_back(mark, " ");
  decoder.byte_fallback = true;
  decoder.strip = std::string(1, ' ');
  decoder.strip_count = prefix ? 1 : 0;
}

}  // namespace

TokenizerDefinition read_gguf_vocabulary(const GgufVocabulary& vocabulary) {
  check_sizes(vocabulary);
  TokenizerDefinition definition;
  definition.source = kSource;
  definition.declares_bos = vocabulary.add_bos;
  definition.bos = vocabulary.bos;
  add_tokens(vocabulary, definition);
  if (vocabulary.model == "gpt2") {
    read_byte_level(vocabulary, definition);
  } else if (vocabulary.model == "llama") {
    read_scored(vocabulary, definition);
  } else {
    fail_input("{}: tokenizer.ggml.model is \"{}\"; only gpt2 and llama are supported", kSource,
               printable(vocabulary.model));
  }
  return definition;
}

}  // namespace assay::engine
