// Sequences in lexicographic order: the prefix tree of all of them, in depth-first order, without a node.
//
// What a sequence shares with all that stand before it is its longest common prefix with its predecessor, and the
// positions behind that prefix are the tree's nodes that nobody computed before. A prefix stands before its extensions,
// and equal sequences stand together.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/request.h"

namespace assay::engine {

struct PrefixOrder {
  std::vector<size_t> order;  // indices of the sequences, sorted; equal ones by index
  std::vector<int> shared;    // shared[k]: tokens that order[k] has in common with order[k - 1]; 0 for the first
};

PrefixOrder sort_by_prefix(std::span<const std::span<const TokenId>> sequences);

// While the sorted sequences are walked: which of them computes a position of the present one.
class PathOwners {
 public:
  // The walk comes to sorted sequence `k` of `length` tokens, which shares `shared` of them with k - 1.
  void enter(size_t k, int shared, int length);
  // The sorted sequence that computes `position` of the present one; 0 <= position < length.
  size_t owner(int position) const;

 private:
  struct Stretch {
    int start = 0;  // the owner computes positions from here to the next stretch's start
    size_t owner = 0;
  };
  std::vector<Stretch> path_;
};

}  // namespace assay::engine
