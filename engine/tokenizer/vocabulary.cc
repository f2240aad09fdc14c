#include "engine/tokenizer/vocabulary.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/error.h"
#include "base/text.h"

namespace assay::engine {

// Multiply and fold, eight bytes a step: tables are built from files, so the keys are not a
// stranger's, and a bad case costs time only.
uint64_t hash_bytes(std::string_view bytes) {
  constexpr uint64_t kMultiplier = 0x9e3779b97f4a7c15;
  uint64_t hash = bytes.size() * kMultiplier;
  const auto mix = [&hash](uint64_t word) {
    hash = (hash ^ word) * kMultiplier;
    hash ^= hash >> 32;
  };
  while (bytes.size() >= 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    mix(word);
    bytes.remove_prefix(8);
  }
  uint64_t rest = 0;
  if (!bytes.empty()) std::memcpy(&rest, bytes.data(), bytes.size());
  mix(rest + 1);
  return hash;
}

Vocabulary::Vocabulary(std::vector<VocabularyEntry> entries, const std::string& source) : entries_(std::move(entries)) {
  std::sort(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  for (size_t i = 1; i < entries_.size(); ++i) {
    if (entries_[i].id == entries_[i - 1].id) {
      fail_input("{}: id {} is given to two tokens, \"{}\" and \"{}\"; the file is damaged", source, entries_[i].id,
                 printable(entries_[i - 1].text), printable(entries_[i].text));
    }
  }
  slots_.resize(std::bit_ceil(entries_.size() * 2 + 2));
  for (size_t i = 0; i < entries_.size(); ++i) {
    const uint64_t hash = hash_bytes(entries_[i].text);
    Slot& slot = slots_[slot_of(entries_[i].text, hash)];
    if (slot.entry != 0) {
      fail_input("{}: token \"{}\" has two ids, {} and {}; the file is damaged", source, printable(entries_[i].text),
                 entries_[slot.entry - 1].id, entries_[i].id);
    }
    slot = {static_cast<uint32_t>(i + 1), static_cast<uint32_t>(hash >> 32)};
  }
}

size_t Vocabulary::slot_of(std::string_view text, uint64_t hash) const {
  size_t slot = hash & (slots_.size() - 1);
  for (; slots_[slot].entry != 0; slot = (slot + 1) & (slots_.size() - 1)) {
    if (slots_[slot].tag == static_cast<uint32_t>(hash >> 32) && entries_[slots_[slot].entry - 1].text == text) break;
  }
  return slot;
}

std::optional<TokenId> Vocabulary::find(std::string_view text) const {
  if (slots_.empty()) return {};
  const Slot& slot = slots_[slot_of(text, hash_bytes(text))];
  if (slot.entry == 0) return {};
  return entries_[slot.entry - 1].id;
}

const std::string* Vocabulary::text(TokenId id) const {
  // Without gaps, which is the rule, the id is the index.
  if (id >= 0 && static_cast<size_t>(id) < entries_.size() && entries_[id].id == id) return &entries_[id].text;
  const auto at = std::lower_bound(entries_.begin(), entries_.end(), id,
                                   [](const VocabularyEntry& entry, TokenId wanted) { return entry.id < wanted; });
  return at != entries_.end() && at->id == id ? &at->text : nullptr;
}

}  // namespace assay::engine
