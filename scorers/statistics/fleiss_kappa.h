// How far several raters agree beyond chance where every item has the same number of ratings, by whomever (J. L. Fleiss
// 1971, "Measuring nominal scale agreement among many raters", Psychol. Bull. 76, 378-382). Where items have different
// numbers, or categories an order: krippendorff_alpha.h.
#pragma once

#include "scorers/statistics/positive_definite.h"

namespace assay::scorers {

struct FleissKappa {
  double kappa = 0;      // (P̄ − P̄_e)/(1 − P̄_e); NaN where all ratings are of one category
  double agreement = 0;  // P̄: the share of agreeing pairs of ratings of one item, mean of the items
  double by_chance = 0;  // P̄_e: the sum of the squared shares of the categories
};

// counts[item][category]. Error(kBadInput) for no items, rows of different lengths or sums, a sum below 2, and a count
// that is negative or not finite.
FleissKappa fleiss_kappa(const Matrix& counts);

}  // namespace assay::scorers
