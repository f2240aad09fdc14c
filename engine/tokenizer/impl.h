// What a Tokenizer holds: the stages that text passes, built from a definition.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "engine/tokenizer/added_tokens.h"
#include "engine/tokenizer/bpe.h"
#include "engine/tokenizer/definition.h"
#include "engine/tokenizer/pre_tokenizer.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/tokenizer/vocabulary.h"

namespace assay::engine {

// Working memory of one call of encode.
struct EncodeScratch {
  std::vector<Stretch> raw;
  std::vector<Stretch> normalized;
  PreTokenizer::Scratch pieces;
  BpeScratch bpe;
};

// Lends working memory to as many calls as run at once and keeps it for the next. Thread-safe.
class ScratchPool {
 public:
  std::unique_ptr<EncodeScratch> take();
  void give_back(std::unique_ptr<EncodeScratch> scratch);

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<EncodeScratch>> idle_;
};

// added tokens as they stand -> normaliser -> added tokens in normalised text -> pre-tokenizer -> BPE
struct Tokenizer::Impl {
  explicit Impl(TokenizerDefinition definition);

  std::vector<TokenId> encode(std::string_view text, bool parse_special) const;
  std::vector<TokenId> encode_pieces(std::span<const PromptPiece> pieces) const;
  // Null for an id that no token has, and for a special one that is to be skipped.
  const std::string* decodable(TokenId id, bool skip_special) const;
  const std::string* text(TokenId id) const;

  std::vector<NormalizerStep> normalizer;
  Vocabulary added;
  std::unordered_set<TokenId> special;
  AddedTokens raw_added;         // found in the text as it stands
  AddedTokens normalized_added;  // found in the normalised text
  PreTokenizer pre_tokenizer;
  Bpe bpe;
  DecoderDefinition decoder;
  std::optional<bool> declares_bos;
  std::optional<TokenId> bos;
  mutable ScratchPool scratch;

 private:
  std::vector<TokenId> encode_valid(std::string_view text, const Markup& markup) const;
  void encode_stretches(std::string_view text, const Markup& markup, EncodeScratch& scratch,
                        std::vector<TokenId>& ids) const;
  void encode_normalized(std::string_view text, bool at_start, const Markup& markup, EncodeScratch& scratch,
                         std::vector<TokenId>& ids) const;
  Markup normalized_markup(std::string_view text, size_t begin, const Markup& markup,
                           std::string_view normalized) const;
  void check_added(const std::string& source) const;
};

}  // namespace assay::engine
