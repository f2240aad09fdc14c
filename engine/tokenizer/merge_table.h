// Which two neighbouring tokens merge, how strongly and into what: a hash table keyed by the pair of ids, because this
// look-up is the inner loop of byte-pair encoding.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/request.h"

namespace assay::engine {

struct Merge {
  int32_t rank = 0;  // lowest first
  TokenId merged = 0;
};

class MergeTable {
 public:
  // Room for `count` pairs.
  explicit MergeTable(size_t count = 0);

  // The last one set for a pair wins. At most `count` different pairs.
  void set(TokenId left, TokenId right, Merge merge);
  // Null where the pair does not merge.
  const Merge* find(TokenId left, TokenId right) const {
    const uint64_t key = key_of(left, right);
    for (size_t slot = first_slot(key);; slot = (slot + 1) & mask_) {
      if (slots_[slot].key == key) return &slots_[slot].merge;
      if (slots_[slot].key == kFree) return nullptr;
    }
  }

 private:
  static constexpr uint64_t kFree = ~uint64_t{0};  // ids are not negative
  struct Slot {
    uint64_t key = kFree;
    Merge merge;
  };
  static uint64_t key_of(TokenId left, TokenId right) {
    return static_cast<uint64_t>(static_cast<uint32_t>(left)) << 32 | static_cast<uint32_t>(right);
  }
  size_t first_slot(uint64_t key) const {
    // Fibonacci hashing: the high bits of the product are the well-mixed ones.
    return (key * 0x9e3779b97f4a7c15 >> 32) & mask_;
  }

  size_t mask_;
  std::vector<Slot> slots_;
};

}  // namespace assay::engine
