// What people preferred, as a person reads it in a terminal of 80 columns.
#pragma once

#include <string>

#include "reports/preference.h"

namespace assay::reports {

// With more than kDetailedPairs pairs each has one line, and categories are left to JSON.
inline constexpr size_t kDetailedPairs = 6;
std::string preference_text(const PreferenceReport& report);

// Its parts: the raters, and what each of them is worth.
std::string preference_raters_text(const PreferenceReport& report);

}  // namespace assay::reports
