// How preferences are put into words and cells, for a terminal.
#pragma once

#include <cstdint>
#include <string>

#include "reports/preference.h"

namespace assay::reports {

// A share from 0 to 1 as "56.3", an interval of it as "50.1 .. 61.9"; "-" where there is none.
std::string percent_text(double share);
std::string percent_interval_text(const scorers::Interval& interval);

// At most `longest` code points, the last an ellipsis where some were cut. Marks that turn the direction of writing
// become '?'.
std::string short_name(const std::string& name, size_t longest);

// "fewer than 5 votes".
std::string few_votes(int64_t min_count);

// 1 where the votes show, at `alpha` against p_holm, that the first model is better, -1 for the second, 0 for neither.
int shown_better(const PreferenceRow& row, double alpha = 0.05);

// One sentence on a pair, with the verdict first. `alpha` is held against p_holm:
//   "A is better: raters prefer A in 52 votes and B in 31, and call 37 about the same; a difference this large arises
//   by chance in 2 of 100 comparisons."
std::string sentence_of(const PairPreference& pair, double alpha = 0.05);

// What the votes on a pair can find, and what a difference of 5 points needs.
std::string power_sentence(const PreferenceRow& row);

}  // namespace assay::reports
