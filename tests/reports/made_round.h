// Rounds of rating made up for the tests of preferences.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "reports/preference.h"
#include "store/store.h"

namespace assay::reports::testing {

struct MadeVote {
  std::string prompt = "p0";
  std::string rater = "ann";
  int choice = 0;
  int first = 0;  // places of the models
  int second = 1;
  bool first_is_left = true;
  std::vector<std::string> flags = {};
  std::string category = "advice";
  store::Rating::Kind kind = store::Rating::kPair;
  int64_t repeats = 0;  // 0: none
  int64_t active_ms = 20000;
};

// Models "model-a", "model-b", ... of runs 10, 11, ...; raters as votes name them. Every pair of a prompt that a vote
// names is an item.
class MadeRound {
 public:
  explicit MadeRound(int models = 2, int overlap = 1);
  int64_t add(const MadeVote& vote);  // its assignment
  void add_rater(const std::string& name);
  PreferenceRound& round() { return round_; }
  PreferenceReport report(const PreferenceOptions& options = {}) const { return preference_report(round_, options); }

 private:
  PreferenceRound round_;
};

struct DrawnRound {
  int models = 2;
  int prompts = 60;
  std::vector<std::string> raters = {"ann", "bob", "cho", "dee", "eve"};
  int overlap = 2;
  std::vector<std::string> categories = {"advice", "coding", "extraction", "rewriting"};
  double lead = 0.6;        // of a model over the next, in log strength
  double left_leaning = 0;  // how much the last rater favours the left side
  uint64_t seed = 1;
};

// Every pair of every prompt has `overlap` votes, each rater's every tenth vote is repeated and every twentieth gold.
MadeRound drawn_round(const DrawnRound& drawn);

// Puts the round into a database, with `runs` of it in the models' places, as the server does it: name, categories,
// raters, votes, comments and all. Prompts get ids and nothing else.
store::Round store_round(const PreferenceRound& round, store::Store& store, const std::vector<int64_t>& runs);

}  // namespace assay::reports::testing
