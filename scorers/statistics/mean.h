// Mean of a sample and its standard error (PROTOCOLS.md §1.5).
#pragma once

#include <span>

namespace assay::scorers {

struct MeanEstimate {
  double mean = 0;     // NaN where n is 0
  double stderr_ = 0;  // NaN where n is 0 or 1
  int n = 0;
};

// mean x̄ = Σx / n, standard error = sqrt(Σ(x−x̄)² / (n−1)) / sqrt(n); for values of 0 and 1 alone the latter is
// sqrt(x̄(1−x̄) / (n−1)). The sums run in the order of `values`.
MeanEstimate mean_of(std::span<const double> values);

}  // namespace assay::scorers
