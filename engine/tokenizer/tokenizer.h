// Text to token ids and back. One class, three kinds of file: Hugging Face tokenizer.json (byte-level BPE, and
// SentencePiece-style BPE with byte fallback), Meta's tokenizer.model (tiktoken ranks), the vocabulary inside a GGUF.
//
// Immutable and thread-safe after loading. Text is UTF-8; bytes that are not are encoded as the Hugging Face library
// encodes U+FFFD. Text from data is never parsed for special tokens: `encode` takes their names as ordinary text.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/checkpoint/checkpoint.h"
#include "engine/request.h"

namespace assay::engine {

class Tokenizer {
 public:
  // tokenizer.json (also .json.gz) or tokenizer.model. Error(kBadInput) names file and field; a construct that is not
  // supported (a normaliser, pre-tokenizer, model or decoder type) is refused by name.
  static Tokenizer from_file(const std::filesystem::path& path);
  static Tokenizer from_gguf(const GgufVocabulary& vocabulary);

  // No BOS. Names of special tokens in the text are ordinary text (added tokens that are not special still match).
  std::vector<TokenId> encode(std::string_view text) const;
  // The same, but names of special tokens become their ids: only for text that the program itself made.
  std::vector<TokenId> encode_markup(std::string_view text) const;
  // The text of all pieces together: a border between them cuts no token. Names of special tokens become their ids
  // where the whole name is markup.
  std::vector<TokenId> encode_pieces(std::span<const PromptPiece> pieces) const;

  // Bytes of the ids as the Hugging Face library decodes them (a SentencePiece decoder strips the first space).
  std::string decode(std::span<const TokenId> ids, bool skip_special) const;

  // One more than the largest id, added tokens included.
  int size() const;
  bool is_special(TokenId id) const;
  // Written form of a token, as it stands in the vocabulary or among the added tokens.
  std::string token_text(TokenId id) const;
  std::optional<TokenId> token_id(std::string_view text) const;

  // True where the file itself puts a BOS in front (a BOS template in the post-processor, GGUF's add_bos_token); false
  // where it says that it does not; nothing where it is silent. PROTOCOLS.md §1.2.
  std::optional<bool> declares_bos() const;
  // The id it would put in front: from the template, the GGUF, or a vocabulary with <|begin_of_text|> or <s>.
  std::optional<TokenId> bos() const;

  struct Impl;

 private:
  friend class StreamDecoder;
  explicit Tokenizer(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<const Impl> impl_;
};

}  // namespace assay::engine
