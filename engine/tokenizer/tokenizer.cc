#include "engine/tokenizer/tokenizer.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "engine/tokenizer/decoder.h"
#include "engine/tokenizer/impl.h"
#include "engine/tokenizer/normalizer.h"
#include "engine/tokenizer/read_gguf.h"
#include "engine/tokenizer/read_json.h"
#include "engine/tokenizer/read_tiktoken.h"
#include "engine/tokenizer/utf8_stream.h"

namespace assay::engine {
namespace {

std::vector<VocabularyEntry> entries_of(const std::vector<AddedToken>& tokens) {
  std::vector<VocabularyEntry> entries;
  for (const AddedToken& token : tokens) entries.push_back({token.text, token.id});
  return entries;
}

std::unordered_set<TokenId> special_ids(const std::vector<AddedToken>& tokens) {
  std::unordered_set<TokenId> ids;
  for (const AddedToken& token : tokens) {
    if (token.special) ids.insert(token.id);
  }
  return ids;
}

std::vector<AddedToken> select_normalized(const std::vector<AddedToken>& tokens, bool normalized,
                                          const std::vector<NormalizerStep>& normalizer) {
  std::vector<AddedToken> selected;
  for (const AddedToken& token : tokens) {
    if (token.normalized != normalized) continue;
    selected.push_back(token);
    if (normalized) selected.back().text = normalize(normalizer, token.text);
  }
  return selected;
}

}  // namespace

std::unique_ptr<EncodeScratch> ScratchPool::take() {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      std::unique_ptr<EncodeScratch> scratch = std::move(idle_.back());
      idle_.pop_back();
      return scratch;
    }
  }
  return std::make_unique<EncodeScratch>();
}

void ScratchPool::give_back(std::unique_ptr<EncodeScratch> scratch) {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(scratch));
}

Tokenizer::Impl::Impl(TokenizerDefinition definition)
    : normalizer(std::move(definition.normalizer)),
      added(entries_of(definition.added), definition.source),
      special(special_ids(definition.added)),
      raw_added(select_normalized(definition.added, false, normalizer)),
      normalized_added(select_normalized(definition.added, true, normalizer)),
      pre_tokenizer(definition.pre_tokenizer, definition.source),
      bpe(definition.bpe, definition.source),
      decoder(std::move(definition.decoder)),
      declares_bos(definition.declares_bos),
      bos(definition.bos) {
  check_added(definition.source);
  for (const char* name : {"<|begin_of_text|>", "<s>"}) {
    if (bos) break;
    bos = added.find(name);
    if (!bos) bos = bpe.vocabulary().find(name);
  }
  if (bos && text(*bos) == nullptr) {
    fail_input("{}: the begin-of-text token has id {}, which no token has; the file is damaged", definition.source,
               *bos);
  }
}

// A token may stand in both lists, but then with one id.
void Tokenizer::Impl::check_added(const std::string& source) const {
  for (const VocabularyEntry& token : added.entries()) {
    const std::optional<TokenId> id = bpe.vocabulary().find(token.text);
    const std::string* other = bpe.vocabulary().text(token.id);
    if ((id && *id != token.id) || (other != nullptr && *other != token.text)) {
      fail_input("{}: added_tokens gives \"{}\" the id {}, which the vocabulary contradicts; the file is damaged",
                 source, printable(token.text), token.id);
    }
  }
}

std::vector<TokenId> Tokenizer::Impl::encode(std::string_view text, bool parse_special) const {
  const std::string valid = is_valid_utf8(text) ? std::string() : lossy_utf8(text);
  const std::string_view encoded = valid.empty() ? text : valid;
  Markup markup;
  if (parse_special) markup.push_back({0, encoded.size()});
  return encode_valid(encoded, markup);
}

std::vector<TokenId> Tokenizer::Impl::encode_pieces(std::span<const PromptPiece> pieces) const {
  std::string text;
  Markup markup;
  for (const PromptPiece& piece : pieces) {
    const size_t begin = text.size();
    text += is_valid_utf8(piece.text) ? piece.text : lossy_utf8(piece.text);
    if (!piece.markup || text.size() == begin) continue;
    if (!markup.empty() && markup.back().end == begin) {
      markup.back().end = text.size();
    } else {
      markup.push_back({begin, text.size()});
    }
  }
  return encode_valid(text, markup);
}

std::vector<TokenId> Tokenizer::Impl::encode_valid(std::string_view text, const Markup& markup) const {
  std::vector<TokenId> ids;
  ids.reserve(text.size() / 3);
  std::unique_ptr<EncodeScratch> lent = scratch.take();
  encode_stretches(text, markup, *lent, ids);
  scratch.give_back(std::move(lent));
  return ids;
}

void Tokenizer::Impl::encode_stretches(std::string_view text, const Markup& markup, EncodeScratch& lent,
                                       std::vector<TokenId>& ids) const {
  lent.raw.clear();
  raw_added.split(text, markup, lent.raw);
  for (const Stretch& stretch : lent.raw) {
    const bool at_start = stretch.text.data() == text.data();
    if (stretch.id >= 0) {
      ids.push_back(stretch.id);
      continue;
    }
    const std::string normalized = normalizer.empty() ? std::string() : normalize(normalizer, stretch.text);
    const std::string_view encoded = normalizer.empty() ? stretch.text : normalized;
    const auto begin = static_cast<size_t>(stretch.text.data() - text.data());
    encode_normalized(encoded, at_start, normalized_markup(stretch.text, begin, markup, encoded), lent, ids);
  }
}

// What of a normalised stretch is markup, where a special token is to be looked for in it. The normaliser tells no
// places: what it makes of everything up to a border says where the border went. Where it joined something across the
// border, what follows counts as a literal.
Markup Tokenizer::Impl::normalized_markup(std::string_view text, size_t begin, const Markup& markup,
                                          std::string_view normalized) const {
  Markup mapped;
  if (!normalized_added.has_special()) return mapped;
  if (covers(markup, begin, begin + text.size())) return {{0, normalized.size()}};
  const auto place = [&](size_t at) -> size_t {
    if (at <= begin) return 0;
    if (at >= begin + text.size()) return normalized.size();
    const std::string before = normalize(normalizer, text.substr(0, at - begin));
    return normalized.starts_with(before) ? before.size() : std::string::npos;
  };
  for (const MarkupRange& range : markup) {
    if (range.end <= begin || range.begin >= begin + text.size()) continue;
    const size_t from = place(range.begin);
    const size_t to = place(range.end);
    if (from != std::string::npos && to != std::string::npos && from < to) mapped.push_back({from, to});
  }
  return mapped;
}

void Tokenizer::Impl::encode_normalized(std::string_view text, bool at_start, const Markup& markup, EncodeScratch& lent,
                                        std::vector<TokenId>& ids) const {
  lent.normalized.clear();
  normalized_added.split(text, markup, lent.normalized);
  for (const Stretch& stretch : lent.normalized) {
    if (stretch.id >= 0) {
      ids.push_back(stretch.id);
      continue;
    }
    const bool first = at_start && stretch.text.data() == text.data();
    for (const PreTokenizer::Piece& piece : pre_tokenizer.split(stretch.text, first, lent.pieces)) {
      bpe.encode(piece.text, lent.bpe, ids);
    }
  }
}

const std::string* Tokenizer::Impl::text(TokenId id) const {
  const std::string* found = added.text(id);
  return found != nullptr ? found : bpe.vocabulary().text(id);
}

const std::string* Tokenizer::Impl::decodable(TokenId id, bool skip_special) const {
  return skip_special && special.contains(id) ? nullptr : text(id);
}

Tokenizer Tokenizer::from_file(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  const std::string content = read_text_file(path);
  TokenizerDefinition definition = name.ends_with(".json") || name.ends_with(".json.gz")
                                       ? read_tokenizer_json(content, path.string())
                                       : read_tiktoken(content, path.string());
  return Tokenizer(std::make_shared<const Impl>(std::move(definition)));
}

Tokenizer Tokenizer::from_gguf(const GgufVocabulary& vocabulary) {
  return Tokenizer(std::make_shared<const Impl>(read_gguf_vocabulary(vocabulary)));
}

std::vector<TokenId> Tokenizer::encode(std::string_view text) const {
  return impl_->encode(text, false);
}

std::vector<TokenId> Tokenizer::encode_markup(std::string_view text) const {
  return impl_->encode(text, true);
}

std::vector<TokenId> Tokenizer::encode_pieces(std::span<const PromptPiece> pieces) const {
  return impl_->encode_pieces(pieces);
}

std::string Tokenizer::decode(std::span<const TokenId> ids, bool skip_special) const {
  DecodeState state(impl_->decoder);
  std::string text;
  for (const TokenId id : ids) {
    if (const std::string* token = impl_->decodable(id, skip_special)) state.push(*token, text);
  }
  state.finish(text);
  return text;
}

int Tokenizer::size() const {
  return std::max(impl_->added.size(), impl_->bpe.vocabulary().size());
}

bool Tokenizer::is_special(TokenId id) const {
  return impl_->special.contains(id);
}

std::string Tokenizer::token_text(TokenId id) const {
  const std::string* text = impl_->text(id);
  return text != nullptr ? *text : std::string();
}

std::optional<TokenId> Tokenizer::token_id(std::string_view text) const {
  const std::optional<TokenId> id = impl_->added.find(text);
  return id ? id : impl_->bpe.vocabulary().find(text);
}

std::optional<bool> Tokenizer::declares_bos() const {
  return impl_->declares_bos;
}

std::optional<TokenId> Tokenizer::bos() const {
  return impl_->bos;
}

}  // namespace assay::engine
