// A share of ratings (wins, ties, losses, or the preference score in which a win is 1, a tie ½ and a loss 0), with an
// interval that stays inside [0, 1] and has a width also where all ratings agree.
#pragma once

#include <span>

#include "scorers/statistics/two_way_clustered_mean.h"

namespace assay::scorers {

struct TwoWayShare {
  TwoWayMean mean;       // with the t interval, which the one below replaces
  double effective = 0;  // the number of independent ratings that say as much: p(1−p)/stderr_², or a bound, see below
  bool few = false;      // the bound counts
  Interval interval;     // Wilson's, of that number and with Student's quantile in place of z
};

// Wilson's interval at the effective sample size: E. L. Korn, B. I. Graubard 1998, "Confidence intervals for
// proportions with small expected number of positive counts estimated from survey data", Surv. Methodol. 24, 193-201
// (there with exact limits); with Wilson's: N. Dean, M. Pagano 2015, "Evaluating confidence interval methods for
// binomial proportions in clustered surveys", J. Surv. Stat. Methodol. 3, 484-503.
//
// Where all but few ratings agree their error says little, and is 0 where all do. While fewer than kFewPrompts prompts
// hold a rating other than the most common one, the effective number is at most n·(k+1)/(m+s): k prompts of s ratings
// in the mean hold the m by which ratings differ from it in sum, and one more prompt is taken to differ throughout.
// Where all n agree that is the number of prompts. Raters have no such bound: that all of five agree leaves open what a
// sixth would say.
inline constexpr int kFewPrompts = 10;

// Clusters as in two_way_clustered_mean(); a single prompt gives NaN. Error(kBadInput) as there, and for a value
// outside [0, 1].
TwoWayShare two_way_clustered_share(std::span<const double> values, std::span<const int> prompt,
                                    std::span<const int> rater, double level = 0.95);

}  // namespace assay::scorers
