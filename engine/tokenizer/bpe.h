// Byte-pair encoding of one piece of text: start with its bytes or code points, then merge the strongest pair, leftmost
// first, until none is left (Sennrich, Haddow, Birch 2016, algorithm 1). With a heap: n log n in the piece's length.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/definition.h"
#include "engine/tokenizer/merge_table.h"
#include "engine/tokenizer/piece_cache.h"
#include "engine/tokenizer/vocabulary.h"

namespace assay::engine {

// Working memory of one thread that encodes.
struct BpeScratch {
  struct Symbol {
    TokenId id;  // -1 once merged into its left neighbour
    int32_t previous;
    int32_t next;  // -1 at the ends
  };
  struct Candidate {
    uint64_t order;  // rank, then position: the smallest is merged first
    TokenId merged;
    bool operator<(const Candidate& other) const { return order > other.order; }  // std::push_heap wants the largest
  };
  std::vector<Symbol> symbols;
  std::vector<Candidate> heap;
  uint64_t pairs_looked_up = 0;  // in the merge table, by all calls so far: how much work merging was
  PieceCache cache;
};

// Immutable and thread-safe.
class Bpe {
 public:
  // `source` is the file, for messages. Error(kBadInput) where the definition contradicts itself.
  Bpe(const BpeDefinition& definition, const std::string& source);

  // Appends the ids of `piece`, which is valid UTF-8 if the definition is not byte-level.
  void encode(std::string_view piece, BpeScratch& scratch, std::vector<TokenId>& ids) const;

  const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  // What a byte or code point starts as: its token, the byte tokens of its bytes, or nothing known.
  struct Start {
    enum class Kind { kToken, kBytes, kUnknown };
    Kind kind = Kind::kUnknown;
    int count = 0;
    std::array<TokenId, 4> ids{};
  };

  void set_listed_merges(const BpeDefinition& definition, const std::string& source);
  void set_scored_merges(const BpeDefinition& definition, const std::string& source);
  Start start_of(std::string_view text) const;
  void encode_uncached(std::string_view piece, BpeScratch& scratch, std::vector<TokenId>& ids) const;
  void fill_symbols(std::string_view piece, std::vector<BpeScratch::Symbol>& symbols) const;
  void merge_symbols(BpeScratch& scratch) const;
  std::optional<TokenId> whole_piece(std::string_view piece) const;

  bool byte_level_;
  bool ignore_merges_;
  bool byte_fallback_;
  bool fuse_unknown_;
  std::optional<TokenId> unknown_;
  Vocabulary vocabulary_;
  Vocabulary raw_;  // byte-level: the same tokens by the bytes they stand for, where they stand for bytes
  std::array<Start, 256> starts_;  // of bytes, or of the code points below 128
  MergeTable merges_;
};

}  // namespace assay::engine
