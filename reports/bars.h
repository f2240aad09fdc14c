// Small pictures of numbers that stand beside them, for the right end of a table's rows (reports/table.h).
#pragma once

#include <string>
#include <vector>

#include "reports/text_style.h"
#include "scorers/statistics/normal_interval.h"

namespace assay::reports {

// A share as a bar from 0 to 100 %, in eighths of a column:
//
//   0 %            100 %
//   ████████████▓▓▌░░  ▏     the bar ends at the score; the lighter part of it and what follows are the interval
//   ############===--  |     in ASCII, to a column
//
// Only 0 has an empty bar and only 1 a full one. A value outside [0, 1], or none, has no bar; an interval that is not
// known is left out.
std::string score_bar(double value, const scorers::Interval& interval, size_t columns, const TextStyle& style);
std::string score_bar_head(size_t columns);

// A difference of shares and its interval on a scale from -scale to +scale points with a mark for zero:
//
//   -20       0      +20
//             │ ├──●─┤       in ASCII: | [--o-]
//
// What lies beyond the scale ends in an arrow. `tone`: the point's colour.
enum class Tone { kNone, kGood, kBad };
std::string forest_row(double difference, const scorers::Interval& interval, double scale, size_t columns, Tone tone,
                       const TextStyle& style);
std::string forest_head(double scale, size_t columns);

// The smallest of 1, 2, 3, 5, 10, 15, 20, 30, 50, 75 and 100 points that none of the differences and limits (shares)
// lies beyond; 100 where there is none. One point is the finest, so that noise does not look like a difference.
double forest_scale(const std::vector<double>& shares);

}  // namespace assay::reports
