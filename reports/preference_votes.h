// The votes of a round, numbered and turned as the report counts them.
#pragma once

#include <string>
#include <vector>

#include "reports/preference.h"

namespace assay::reports {

struct PairVote {
  const store::Rating* rating = nullptr;
  size_t a = 0;  // places in PreferenceRound::models, a < b
  size_t b = 1;
  int choice = 0;  // 2: a much better
  int prompt = 0;
  int rater = 0;  // place in rater_names()
  bool a_is_left = true;
  bool turned = false;    // a is the rating's second run
  bool left_out = false;  // the rater is

  int direction() const { return (choice > 0 ? 1 : 0) - (choice < 0 ? 1 : 0); }
  bool left_chosen() const { return choice != 0 && (choice > 0) == a_is_left; }
  // "both_bad" as it is; "unsafe" and so on of a model.
  bool flagged(const std::string& flag) const;
  bool flagged(size_t model, const std::string& flag) const;
};

// The round's raters, then those whom only a rating names.
std::vector<std::string> rater_names(const PreferenceRound& round);

// Every rating, of every kind. They point into `round`. Errors: those of preference_report().
std::vector<PairVote> pair_votes(const PreferenceRound& round, const PreferenceOptions& options);

// The votes of which results are made.
std::vector<PairVote> counting_votes(const std::vector<PairVote>& votes);

// Shares with their clusters.
class ShareColumns {
 public:
  void add(double value, const PairVote& vote);
  bool empty() const { return values_.empty(); }
  PreferenceCount counted() const;  // values 0 and 1
  scorers::TwoWayShare share() const;

 private:
  std::vector<double> values_;
  std::vector<int> prompts_;
  std::vector<int> raters_;
};

}  // namespace assay::reports
