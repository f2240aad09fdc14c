// Strengths of several models from paired comparisons with ties: R. R. Davidson 1970, "On extending the Bradley-Terry
// model to accommodate ties in paired comparison experiments", JASA 65, 317-328. For any two models
//   P(i beats j) : P(tie) : P(j beats i) =  π_i : ν·√(π_i·π_j) : π_j
// Without a tie in the data: R. A. Bradley, M. E. Terry 1952, "Rank analysis of incomplete block designs. I. The method
// of paired comparisons", Biometrika 39, 324-345.
//
// The errors here take the comparisons as independent. Those of people are not: several judge one prompt, and one
// person judges many. davidson_clustered.h has the errors for these.
#pragma once

#include <optional>
#include <vector>

#include "scorers/statistics/positive_definite.h"

namespace assay::scorers {

struct Davidson {
  std::vector<double> log_strength;  // log π, with sum 0
  std::vector<double> stderr_;       // of log_strength, from the inverse observed information under that constraint
  std::vector<double> elo;  // 400/ln 10 · log π: A. E. Elo 1978, "The rating of chessplayers, past and present"
  double nu = 0;            // these three are NaN where nothing was tied
  double log_nu = 0;
  double log_nu_stderr = 0;
  double log_likelihood = 0;
  Matrix covariance;  // of log_strength, then log_nu where there are ties

  bool has_ties() const { return covariance.size() > log_strength.size(); }
  // Standard error of log π_i − log π_j; 0 for i = j.
  double difference_stderr(size_t i, size_t j) const;
};

// wins[i][j]: how often i beat j; ties[i][j] = ties[j][i]. Counts need not be whole. None where the likelihood has no
// finite maximum: some models never won (or never lost) against all others together, were never compared with them, or
// the verdicts fit an order of the models so well that ν grows without end (all tied, say).
// Error(kBadInput) below two models, for tables that are not square or of one size, for a count that is negative or not
// finite, a model compared with itself, and ties that are not symmetric.
std::optional<Davidson> davidson(const Matrix& wins, const Matrix& ties);

}  // namespace assay::scorers
