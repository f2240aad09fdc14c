// What people said of blind pairs of responses, as value types: a round with its runs, and one counting vote of it.
// Read by store/ratings.h; reports and statistics work on these.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace assay::store {

// One rater's verdict on one pair. Sides are undone already: "first" and "second" are the runs, however they lay.
struct Rating {
  enum Kind {
    kPair,    // asked for the first time
    kRepeat,  // the same pair again, sides exchanged; `repeats` says of which assignment
    kGold,    // the second response is one to another prompt: whoever reads prefers the first
  };

  int64_t assignment = 0;
  std::string prompt;  // its id
  std::string category;
  std::string rater;  // the name
  int64_t first_run = 0;
  int64_t second_run = 0;
  Kind kind = kPair;
  bool first_is_left = true;
  int choice = 0;  // 2: first much better, 1: first better, 0: about the same, -1, -2: second much better
  // "both_bad", and "first_" or "second_" with "unsafe", "refuses_wrongly" or "broken"; in this order.
  std::vector<std::string> flags;
  std::string comment;  // encrypted as harness/preference/hidden_text.h does at comment_place(); empty: none
  int64_t active_ms = 0;
  std::string time;                // UTC
  std::optional<int64_t> repeats;  // of kRepeat: the assignment that is asked once more
};

// How far a round is.
struct Progress {
  int64_t items = 0;     // prompts x pairs of runs
  int64_t rated = 0;     // items with as many counting votes (of kPair) as the round wants
  int64_t raters = 0;    // not revoked
  int64_t votes = 0;     // that count, of every kind
  int64_t assigned = 0;  // assignments, voted on or not
};

struct Round {
  int64_t id = 0;
  std::string name;
  std::string uid;         // random; the same round keeps it in a merged database
  std::string hidden_set;  // SealedFile::set
  std::string started;     // UTC
  // "overlap", "repeats", "gold", "items", "seed", "lease_s", "categories": harness/rating/assign.h
  nlohmann::ordered_json options;
  std::vector<int64_t> runs;  // their numbers, in the order of --runs
  Progress progress;
};

struct Rater {
  int64_t id = 0;
  std::string name;
  bool revoked = false;
  int64_t votes = 0;     // that count, of every kind
  int64_t assigned = 0;  // assignments, voted on or not
};

}  // namespace assay::store
