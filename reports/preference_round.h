// A round as the store has it, read for the report on it. Nothing that is encrypted is opened.
#pragma once

#include "reports/preference.h"
#include "store/store.h"

namespace assay::reports {

// Both must be of one database. Errors: theirs.
PreferenceRound read_preference_round(const store::Store& store, store::Ratings& ratings, const store::Round& round);

}  // namespace assay::reports
