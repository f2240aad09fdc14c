// How far two judgements of the same items agree beyond chance: two raters, or one rater who sees an item twice
// (J. Cohen 1960, "A coefficient of agreement for nominal scales", Educ. Psychol. Meas. 20, 37-46).
#pragma once

#include "scorers/statistics/positive_definite.h"

namespace assay::scorers {

// What a disagreement counts between categories i and j of k (J. Cohen 1968, "Weighted kappa", Psychol. Bull. 70,
// 213-220; as agreement w_ij = 1 − the below):
enum class KappaWeights {
  kNone,       // 0 where i = j, else 1
  kLinear,     // |i−j|/(k−1): for categories in an order
  kQuadratic,  // ((i−j)/(k−1))²
};

// With shares p_ij of the table: agreement P_o = Σ w_ij·p_ij, by chance P_e = Σ w_ij·p_i·p_j.
struct CohenKappa {
  double kappa = 0;        // (P_o − P_e)/(1 − P_e); NaN, as the errors, where chance agrees throughout (P_e = 1)
  double stderr_ = 0;      // large-sample, and
  double stderr_null = 0;  // the same under κ = 0: J. L. Fleiss, J. Cohen, B. S. Everitt 1969, "Large sample standard
                           // errors of kappa and weighted kappa", Psychol. Bull. 72, 323-327
  double agreement = 0;    // P_o
  double by_chance = 0;    // P_e
};

// table[i][j]: items that the first judgement puts into category i and the second into j. Error(kBadInput) unless it is
// square with two categories or more, counts are 0 or more and finite, and one is above 0.
CohenKappa cohen_kappa(const Matrix& table, KappaWeights weights = KappaWeights::kNone);

}  // namespace assay::scorers
