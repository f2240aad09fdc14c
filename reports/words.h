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

// What is no share, in ten columns at most: "3.1416", "12345.7", "1.23e+12", "-" for NaN. `sign`: also of what is above
// 0.
std::string format_number(double value, bool sign = false);

// Of a comparison: a share as a percentage and a difference of shares in points, anything else as format_number().
std::string value_text(const ScoreComparison& score, double value);
std::string difference_text(const ScoreComparison& score, double difference);
std::string interval_text(const ScoreComparison& score, const scorers::Interval& interval);

// "acc", "strict-match": the filter where there is one.
std::string label_of(const ScoreName& name);

// "B is better", "B is worse" or "No difference is shown", by p_holm.
std::string verdict_of(const ScoreComparison& score, double alpha = 0.05);

// One sentence on a comparison, with the verdict first. `alpha` is held against p_holm:
//   "No difference is shown: B answers 34 questions that A missed and misses 52 that A answered; a difference this
//   large arises by chance in 6 of 100 comparisons."
std::string sentence_of(const ScoreComparison& score, double alpha = 0.05);

// `text`, made harmless(), broken at spaces into lines of at most `width` columns, each behind `indent`, each with its
// newline. A word that no line holds is broken too.
std::string wrapped(const std::string& text, const std::string& indent = "", size_t width = 80);

}  // namespace assay::reports
