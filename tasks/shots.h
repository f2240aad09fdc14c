// Which rows of a split are shown as worked examples before an item.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "datasets/format.h"
#include "tasks/definition.h"

namespace assay::tasks {

// One picker serves the items of one subset, in file order: the random rule draws anew for each and depends on how many
// were drawn before (PROTOCOLS.md §1.6). Not thread-safe.
class ShotPicker {
 public:
  // `split` must outlive the picker; `same_split`: the items themselves come from it, and none is shown its own answer.
  // Error(kUsage) where the split has fewer usable rows than `count`.
  ShotPicker(const Shots& shots, int count, const datasets::Split& split, bool same_split);

  // Row numbers in the order in which they are shown, for the item with this row number.
  std::vector<size_t> pick(size_t item_row);
  // Whether every item is shown the same rows.
  bool constant() const { return rule_ == ShotRule::kFirst && !same_split_; }

 private:
  ShotRule rule_;
  size_t count_;
  bool same_split_;
  std::vector<size_t> usable_;
  PythonRandom random_;
};

}  // namespace assay::tasks
