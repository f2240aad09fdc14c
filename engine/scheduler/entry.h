// What the scheduler's walk goes through: one sequence after the other, and the pages of the cache that they need.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/device/page.h"
#include "engine/request.h"

namespace assay::engine {

constexpr int pages_for(int positions) {
  return (positions + kPageTokens - 1) / kPageTokens;
}

// One sequence in its place of the walk.
struct Entry {
  std::span<const TokenId> ids;
  int shared = 0;     // tokens in common with the entry before
  int positions = 0;  // of the cache at most: a generation's last token is never fed back
  bool generated = false;
  size_t sequence = 0;  // index among the scored or the generated

  int length() const { return static_cast<int>(ids.size()); }
  bool decodes() const { return positions > length(); }
  int own_pages() const { return pages_for(positions) - shared / kPageTokens; }
};

// Pages beyond which a larger cache would gain nothing, roughly: the most that the prompts of one step of `step_tokens`
// need, and the most that the `max_generating` largest generations need. `entries` in the order of the walk.
int64_t useful_pages(std::span<const Entry> entries, int step_tokens, int max_generating);

}  // namespace assay::engine
