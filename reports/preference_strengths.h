// Strengths of the models of a round (Davidson), or why there are none.
#pragma once

#include <vector>

#include "reports/preference_votes.h"

namespace assay::reports {

// log_strength times this is a difference in Elo: 400 / ln 10 (scorers/statistics/davidson.h).
inline constexpr double kEloOfLog = 173.71779276130073;

// Of the models in `votes`; fewer than two give neither strengths nor a reason.
Strengths strengths_of(size_t models, const std::vector<PairVote>& votes);

// "A" to "Z", then "AA": what a report calls the models.
std::string model_letter(size_t model);

}  // namespace assay::reports
