// How far the raters of a round can be relied on: with each other, and each with himself.
#pragma once

#include <vector>

#include "reports/preference_votes.h"

namespace assay::reports {

Agreement agreement_of(const std::vector<PairVote>& counting, int64_t min_count);

// One for each of `names` from `votes` of every kind. Of the raters who are not left out nobody with few votes can be
// found out from all_raters_quality().
std::vector<RaterQuality> rater_qualities(const std::vector<std::string>& names, const std::vector<PairVote>& votes,
                                          const PreferenceOptions& options);
RaterQuality all_raters_quality(const std::vector<PairVote>& votes, const PreferenceOptions& options);

}  // namespace assay::reports
