// Which pair a rater is given next. Pure: the same round, seed, time and history give the same answer.
//
//  - Of the pairs that still want a rater, one of those that the fewest have; which one of these, and which response
//    lies left, is drawn for each rater anew.
//  - A pair wants `overlap` raters. Who was given it counts while the vote stands, or for `lease_s` after it was given;
//    later somebody else may get it, and the late vote is welcome still.
//  - Nobody gets a pair twice but as a repeat: one that they have voted on, at least kRepeatAfter items ago, with the
//    sides exchanged.
//  - Gold: in place of the second response stands the same model's response to another prompt of the category, so that
//    who reads prefers the first. It uses up the pair for that rater, and is made of pairs whose raters are enough
//    without.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "store/ratings.h"

namespace assay::harness {

inline constexpr int64_t kRepeatAfter = 10;

struct AssignRules {
  int overlap = 1;        // raters a pair
  double repeats = 0.05;  // share of a rater's items
  double gold = 0.03;
  int items = 0;  // a rater's at most, repeats and gold among them; 0: no limit
  uint64_t seed = 0;
  int64_t lease_s = 3600;

  bool operator==(const AssignRules&) const = default;
};

struct AssignState {
  AssignRules rules;
  std::vector<store::RoundItem> items;
  std::vector<store::Rater> raters;
  std::vector<store::Assignment> given;  // of everybody, oldest first
  // Whether an answer of this run (a place in Round::runs) to the second prompt tells itself from those of the pair.
  std::function<bool(const store::RoundItem& item, const std::string& decoy)> is_decoy;
};

// Nothing where there is nothing (more) for this rater. `now`: seconds since 1970.
std::optional<store::NewAssignment> next_assignment(const AssignState& state, const store::Rater& rater, int64_t now);

// How many items the rater will have had in the end, if all raters go on evenly: for a progress bar.
int64_t expected_items(const AssignState& state, const store::Rater& rater, int64_t now);

}  // namespace assay::harness
