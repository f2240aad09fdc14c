// Win, tie and loss of pairs of models, over all and by category, with what they can tell apart.
#pragma once

#include <vector>

#include "reports/preference_votes.h"

namespace assay::reports {

// The votes on one pair counted; `votes` are of no other. p_holm is p until correct_over_pairs().
PairPreference pair_preference(size_t a, size_t b, const std::vector<PairVote>& votes, int64_t min_count);

// Holm's correction over the pairs, and over the categories of all pairs, of what is not hidden.
void correct_over_pairs(std::vector<PairPreference>& pairs);

// How often the answers of each model were flagged.
std::vector<ModelFlags> model_flags(size_t models, const std::vector<PairVote>& votes);

}  // namespace assay::reports
