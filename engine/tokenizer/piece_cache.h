// Remembers the ids of short pieces: text is made of the same words over and over.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "engine/tokenizer/vocabulary.h"

namespace assay::engine {

// Direct-mapped: a piece has one place, and the last to come keeps it. Not thread-safe.
class PieceCache {
 public:
  static constexpr size_t kLongestPiece = 30;  // bytes
  static constexpr size_t kMostIds = 8;

  // One cache line.
  struct alignas(64) Entry {
    uint8_t length = 0;  // of the piece; 0 is a free place
    uint8_t count = 0;
    std::array<char, kLongestPiece> piece;
    std::array<TokenId, kMostIds> ids;

    bool holds(std::string_view wanted) const {
      return length == wanted.size() && std::memcmp(piece.data(), wanted.data(), wanted.size()) == 0;
    }
  };
  static_assert(sizeof(Entry) == 64);

  PieceCache() : entries_(kPlaces) {}

  // The place of a piece of 1 to kLongestPiece bytes.
  Entry& place(std::string_view piece) { return entries_[hash_bytes(piece) & (kPlaces - 1)]; }

  static void remember(Entry& entry, std::string_view piece, std::span<const TokenId> ids) {
    if (ids.size() > kMostIds) return;
    entry.length = static_cast<uint8_t>(piece.size());
    entry.count = static_cast<uint8_t>(ids.size());
    std::memcpy(entry.piece.data(), piece.data(), piece.size());
    std::copy(ids.begin(), ids.end(), entry.ids.begin());
  }

 private:
  static constexpr size_t kPlaces = size_t{1} << 15;
  std::vector<Entry> entries_;
};

}  // namespace assay::engine
