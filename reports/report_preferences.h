// What people preferred in the rounds of ratings that some of a report's runs took part in.
#pragma once

#include <vector>

#include "reports/preference.h"
#include "store/store.h"

namespace assay::reports {

// One for each round that has one of `runs`, the oldest first, with every model of the round: a preference stands
// between two. With the small cells that `assay preference report` hides by itself. A round in which nothing may be
// shown, because no pair of models has enough votes, is left out. Errors: those of the store and preference_report().
std::vector<PreferenceReport> preferences_among(const store::Store& store, const std::vector<store::RunInfo>& runs);

// preference_json() without what it says of single raters: a report is read by people who do not know them.
store::Json shared_preference_json(const PreferenceReport& report);

}  // namespace assay::reports
