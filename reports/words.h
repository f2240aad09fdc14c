// How numbers and verdicts are put into words, the same in every report.
#pragma once

#include <cstdint>
#include <string>

#include "reports/comparison.h"

namespace assay::reports {

// "1 question", "34 questions", "3,100 samples".
std::string count_of(int64_t n, const std::string& thing);

// "0.061", "0.0004", "< 0.0001": a p-value with two digits that count, at most four decimals.
std::string format_p(double p);

// "in 6 of 100 comparisons", "in fewer than 1 of 1,000 comparisons".
std::string by_chance(double p);

// "acc", "strict-match": the filter where there is one.
std::string label_of(const ScoreName& name);

// One sentence on a comparison, with the verdict first. `alpha` is held against p_holm:
//   "No difference is shown: B answers 34 questions that A missed and misses 52 that A answered; a difference this
//   large arises by chance in 6 of 100 comparisons."
std::string sentence_of(const ScoreComparison& score, double alpha = 0.05);

// `text` broken at spaces into lines of at most `width` code points, each behind `indent`, each with its newline.
std::string wrapped(const std::string& text, const std::string& indent = "", size_t width = 80);

}  // namespace assay::reports
