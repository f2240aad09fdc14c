// Davidson's model fitted to single ratings, with errors that know that the ratings of one prompt, and those of one
// rater, hang together.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "scorers/statistics/davidson.h"
#include "scorers/statistics/davidson_pair.h"
#include "scorers/statistics/two_way_clustered_mean.h"

namespace assay::scorers {

// One rating: the verdict on model `first` against model `second`, both from 0.
struct PairRating {
  int first = 0;
  int second = 0;
  Verdict verdict = Verdict::kTie;
  int prompt = 0;
  int rater = 0;
};

struct ClusteredDavidson {
  Davidson fit;  // its own errors take the ratings as independent

  // Of log π_i against the mean of all, and of log π_i − log π_j; mean is the estimate, interval one of 95 %. Times
  // 400/ln 10: in Elo. The sandwich A⁺·B·A⁺ of the information A and B = B_prompt + B_rater − B_both, each the sum of
  // the clusters' squared scores (K.-Y. Liang, S. L. Zeger 1986, "Longitudinal data analysis using generalized linear
  // models", Biometrika 73, 13-22; two ways as two_way_clustered_mean.h), taken for one contrast c at a time. There it
  // is the error of a weighted mean of the ratings' influences: rating v adds cᵀA⁺u_v with its score u_v, and weighs
  // cᵀA⁺A_vA⁺c, its share of what is known of the contrast. That makes the corrections for few, unequal clusters and
  // the degrees of freedom those of two_way_clustered_mean(). A single cluster both ways: error and interval are NaN.
  std::vector<TwoWayMean> strengths;
  std::vector<std::vector<TwoWayMean>> differences;  // [i][j]; i = j: all 0, freedom NaN
};

// None as davidson(). Error(kBadInput) below two models, for a model outside [0, models) and one against itself.
std::optional<ClusteredDavidson> davidson_clustered(int models, std::span<const PairRating> ratings);

}  // namespace assay::scorers
