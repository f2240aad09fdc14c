#include "engine/tokenizer/bpe.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/text.h"
#include "engine/tokenizer/byte_alphabet.h"

namespace assay::engine {
namespace {

// Longest token that scored merges are derived for: the work is the square of its length.
constexpr size_t kLongestScored = 1024;

TokenId require(const Vocabulary& vocabulary, std::string_view text, size_t merge, const std::string& source) {
  if (const std::optional<TokenId> id = vocabulary.find(text)) return *id;
  fail_input("{}: merge {} needs the token \"{}\", which the vocabulary does not have; the file is damaged", source,
             merge, printable(text));
}

// What a byte-level vocabulary's tokens stand for. Tokens with other characters, as added ones have, stand for nothing.
Vocabulary raw_vocabulary(const Vocabulary& vocabulary, const std::string& source) {
  std::vector<VocabularyEntry> raw;
  raw.reserve(vocabulary.entries().size());
  for (const VocabularyEntry& entry : vocabulary.entries()) {
    std::string bytes;
    if (append_from_byte_alphabet(entry.text, bytes)) raw.push_back({std::move(bytes), entry.id});
  }
  return Vocabulary(std::move(raw), source);
}

}  // namespace

Bpe::Bpe(const BpeDefinition& definition, const std::string& source)
    : byte_level_(definition.byte_level),
      ignore_merges_(definition.ignore_merges),
      byte_fallback_(definition.byte_fallback),
      fuse_unknown_(definition.fuse_unknown),
      vocabulary_(definition.vocabulary, source) {
  if (definition.unknown) {
    unknown_ = vocabulary_.find(*definition.unknown);
    if (!unknown_) {
      fail_input("{}: the unknown token \"{}\" is not in the vocabulary; the file is damaged", source,
                 printable(*definition.unknown));
    }
  }
  if (byte_level_ && ignore_merges_) raw_ = raw_vocabulary(vocabulary_, source);
  for (int i = 0; i < (byte_level_ ? 256 : 128); ++i) {
    std::string text;
    append_utf8(text, byte_level_ ? byte_to_code_point(static_cast<unsigned char>(i)) : static_cast<char32_t>(i));
    starts_[i] = start_of(text);
  }
  if (definition.merge_scores.empty()) {
    set_listed_merges(definition, source);
  } else {
    set_scored_merges(definition, source);
  }
}

void Bpe::set_listed_merges(const BpeDefinition& definition, const std::string& source) {
  merges_ = MergeTable(definition.merges.size());
  for (size_t i = 0; i < definition.merges.size(); ++i) {
    const auto& [left, right] = definition.merges[i];
    merges_.set(require(vocabulary_, left, i, source), require(vocabulary_, right, i, source),
                {static_cast<int32_t>(i), require(vocabulary_, left + right, i, source)});
  }
}

void Bpe::set_scored_merges(const BpeDefinition& definition, const std::string& source) {
  struct Token {
    float score;
    const VocabularyEntry* entry;
  };
  std::vector<Token> tokens;
  std::vector<VocabularyEntry> parts;
  for (size_t i = 0; i < definition.vocabulary.size(); ++i) {
    const std::optional<float> score = definition.merge_scores[i];
    if (!score) continue;
    const VocabularyEntry& entry = definition.vocabulary[i];
    if (std::isnan(*score)) fail_input("{}: the score of token {} is not a number", source, entry.id);
    if (entry.text.size() > kLongestScored) {
      fail_input("{}: token {} has {} bytes, more than the {} that a token may have", source, entry.id,
                 entry.text.size(), kLongestScored);
    }
    tokens.push_back({*score, &entry});
    parts.push_back(entry);
  }
  std::sort(tokens.begin(), tokens.end(), [](const Token& a, const Token& b) { return a.score > b.score; });
  const Vocabulary mergeable(std::move(parts), source);

  struct Pair {
    TokenId left, right;
    Merge merge;
  };
  std::vector<Pair> pairs;
  int32_t rank = 0;
  for (size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0 && tokens[i].score != tokens[i - 1].score) ++rank;  // equal scores merge from the left
    const std::string_view text = tokens[i].entry->text;
    for (size_t cut = 1; cut < text.size(); ++cut) {
      const std::optional<TokenId> left = mergeable.find(text.substr(0, cut));
      if (!left) continue;
      const std::optional<TokenId> right = mergeable.find(text.substr(cut));
      if (right) pairs.push_back({*left, *right, {rank, tokens[i].entry->id}});
    }
  }
  merges_ = MergeTable(pairs.size());
  for (const Pair& pair : pairs) merges_.set(pair.left, pair.right, pair.merge);
}

Bpe::Start Bpe::start_of(std::string_view text) const {
  if (const std::optional<TokenId> id = vocabulary_.find(text)) return {Start::Kind::kToken, 1, {*id}};
  if (!byte_fallback_) return {};
  Start start{Start::Kind::kBytes, 0, {}};
  for (const char byte : text) {
    const std::optional<TokenId> id = vocabulary_.find(fmt::format("<0x{:02X}>", static_cast<unsigned char>(byte)));
    if (!id) return {};
    start.ids[start.count++] = *id;
  }
  return start;
}

void Bpe::encode(std::string_view piece, BpeScratch& scratch, std::vector<TokenId>& ids) const {
  if (piece.empty()) return;
  if (piece.size() > PieceCache::kLongestPiece) {
    encode_uncached(piece, scratch, ids);
    return;
  }
  PieceCache::Entry& entry = scratch.cache.place(piece);
  if (entry.holds(piece)) {
    ids.insert(ids.end(), entry.ids.begin(), entry.ids.begin() + entry.count);
    return;
  }
  const size_t before = ids.size();
  encode_uncached(piece, scratch, ids);
  PieceCache::remember(entry, piece, std::span(ids).subspan(before));
}

std::optional<TokenId> Bpe::whole_piece(std::string_view piece) const {
  if (!ignore_merges_) return {};
  return byte_level_ ? raw_.find(piece) : vocabulary_.find(piece);
}

void Bpe::encode_uncached(std::string_view piece, BpeScratch& scratch, std::vector<TokenId>& ids) const {
  if (const std::optional<TokenId> id = whole_piece(piece)) {
    ids.push_back(*id);
    return;
  }
  if (piece.size() > std::numeric_limits<int32_t>::max()) {
    fail_input("a text of {} bytes without a break is too long for the tokenizer; cut it into parts", piece.size());
  }
  fill_symbols(piece, scratch.symbols);
  merge_symbols(scratch);
  for (const BpeScratch::Symbol& symbol : scratch.symbols) {
    if (symbol.id >= 0) ids.push_back(symbol.id);
  }
}

void Bpe::fill_symbols(std::string_view piece, std::vector<BpeScratch::Symbol>& symbols) const {
  symbols.clear();
  const auto add = [&symbols](TokenId id) {
    const auto index = static_cast<int32_t>(symbols.size());
    symbols.push_back({id, index - 1, index + 1});
  };
  bool unknown = false;  // an unknown token is due: it comes before the next token, but behind byte tokens
  for (size_t at = 0; at < piece.size();) {
    const auto unit = static_cast<unsigned char>(piece[at]);
    Start start;
    if (byte_level_ || unit < 128) {
      start = starts_[unit];
      ++at;
    } else {
      const size_t begin = at;
      next_code_point(piece, at);
      start = start_of(piece.substr(begin, at - begin));
    }
    if (unknown && (start.kind == Start::Kind::kToken || (start.kind == Start::Kind::kUnknown && !fuse_unknown_))) {
      add(*unknown_);
      unknown = false;
    }
    if (start.kind == Start::Kind::kUnknown) unknown = unknown_.has_value();
    for (int i = 0; i < start.count; ++i) add(start.ids[i]);
  }
  if (unknown) add(*unknown_);
  if (!symbols.empty()) symbols.back().next = -1;
}

void Bpe::merge_symbols(BpeScratch& scratch) const {
  std::vector<BpeScratch::Symbol>& symbols = scratch.symbols;
  std::vector<BpeScratch::Candidate>& heap = scratch.heap;
  heap.clear();
  const auto candidate = [&](int32_t left) {
    const int32_t right = left < 0 ? -1 : symbols[left].next;
    if (right < 0) return false;
    ++scratch.pairs_looked_up;
    const Merge* merge = merges_.find(symbols[left].id, symbols[right].id);
    if (merge == nullptr) return false;
    heap.push_back({static_cast<uint64_t>(merge->rank) << 32 | static_cast<uint32_t>(left), merge->merged});
    return true;
  };
  for (int32_t i = 0; i + 1 < static_cast<int32_t>(symbols.size()); ++i) candidate(i);
  std::make_heap(heap.begin(), heap.end());

  while (!heap.empty()) {
    const BpeScratch::Candidate top = heap.front();
    std::pop_heap(heap.begin(), heap.end());
    heap.pop_back();
    const auto left = static_cast<int32_t>(top.order & 0xffffffff);
    // Candidates are not taken back when a neighbour changes: one that no longer holds is known by what it yields.
    if (symbols[left].id < 0 || symbols[left].next < 0) continue;
    const int32_t right = symbols[left].next;
    ++scratch.pairs_looked_up;
    const Merge* merge = merges_.find(symbols[left].id, symbols[right].id);
    if (merge == nullptr || merge->merged != top.merged) continue;

    symbols[left].id = top.merged;
    symbols[left].next = symbols[right].next;
    symbols[right].id = -1;
    if (symbols[left].next >= 0) symbols[symbols[left].next].previous = left;
    if (candidate(symbols[left].previous)) std::push_heap(heap.begin(), heap.end());
    if (candidate(left)) std::push_heap(heap.begin(), heap.end());
  }
}

}  // namespace assay::engine
