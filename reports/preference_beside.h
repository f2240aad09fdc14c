// What people preferred, beside the automatic scores of a run: one entry for each round and each other model of it.
#pragma once

#include <string>
#include <vector>

#include "reports/preference.h"
#include "store/store.h"

namespace assay::reports {

struct PreferenceBeside {
  std::string round;
  int64_t other_run = 0;
  std::string other;  // its model
  int64_t votes = 0;
  double score = 0;  // of this run's model: a win is 1, a tie 1/2, a loss 0
  scorers::Interval interval;
};

// From the votes as they are now, of pairs that have PreferenceOptions::min_count of them or more. Errors: those of
// preference_report().
std::vector<PreferenceBeside> preferences_beside(const store::Store& store, store::Ratings& ratings, int64_t run);

// "people: 56.3 (50.1 .. 61.9) against run 5, other-7b (400 votes, round spring)\n" an entry: the score in %.
std::string preferences_beside_text(const std::vector<PreferenceBeside>& entries);
// [{"round","other_run","other","votes","score","low","high"}]
store::Json preferences_beside_json(const std::vector<PreferenceBeside>& entries);

}  // namespace assay::reports
