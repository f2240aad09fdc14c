// Texts with ids, found both ways.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tokenizer/definition.h"

namespace assay::engine {

uint64_t hash_bytes(std::string_view bytes);

// Immutable after construction. Ids may have gaps, however large: memory is that of the texts.
class Vocabulary {
 public:
  Vocabulary() = default;
  // Ids must be non-negative. Error(kBadInput), naming `source`, where a text has two ids or an id two texts.
  Vocabulary(std::vector<VocabularyEntry> entries, const std::string& source);

  std::optional<TokenId> find(std::string_view text) const;
  // Null where no text has this id.
  const std::string* text(TokenId id) const;
  // One more than the largest id; 0 where there is none.
  int size() const { return entries_.empty() ? 0 : entries_.back().id + 1; }
  const std::vector<VocabularyEntry>& entries() const { return entries_; }

 private:
  struct Slot {
    uint32_t entry = 0;  // index into entries_ plus one; 0 is free
    uint32_t tag = 0;    // high half of the hash: another text is seldom looked at
  };
  // The slot that holds `text`, or the free one where it would stand.
  size_t slot_of(std::string_view text, uint64_t hash) const;

  std::vector<VocabularyEntry> entries_;  // by id
  std::vector<Slot> slots_;               // open addressing by hash of the text
};

}  // namespace assay::engine
