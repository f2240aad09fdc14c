// Two runs over the same samples: means, the mean difference sample by sample, and what pairing gains.
#pragma once

#include <span>
#include <vector>

#include "scorers/statistics/mean.h"

namespace assay::scorers {

// The differences a − b, sample by sample. Error(kBadInput), naming the sample's position, for a score that is not
// finite, and where there are not as many of one as of the other, or none.
std::vector<double> differences(std::span<const double> a, std::span<const double> b);

struct Paired {
  MeanEstimate a;
  MeanEstimate b;
  MeanEstimate difference;     // of a − b: its standard error is sd(a−b)/√n
  double stderr_unpaired = 0;  // √(se_a² + se_b²): what two unrelated sets of samples would have; NaN for one sample
  double correlation = 0;      // Pearson's, of a and b; NaN where either does not vary
};

// Position i of both is the same sample. Errors as differences().
// E. Miller 2024, "Adding error bars to evals" (arXiv 2411.00640), section 4.2: paired differences.
Paired paired(std::span<const double> a, std::span<const double> b);

}  // namespace assay::scorers
