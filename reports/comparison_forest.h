// Pictures of the differences of a comparison.
#pragma once

#include <vector>

#include "reports/comparison.h"
#include "reports/table.h"

namespace assay::reports {

// forest_scale() over differences and intervals of those that are shares.
double forest_scale_of(const std::vector<const ScoreComparison*>& scores);

// Its difference and interval on that scale, green where B is shown to be better and red where it is worse; none where
// it is no share.
Table::Picture forest_of(const ScoreComparison& score, double scale, const TextStyle& style);

}  // namespace assay::reports
