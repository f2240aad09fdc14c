// Macro average: every subset counts the same, however many samples it has (PROTOCOLS.md §1.5).
#pragma once

#include <span>

#include "scorers/statistics/mean.h"

namespace assay::scorers {

// Mean of the k subset means, standard error sqrt(Σ seᵢ²) / k, n the samples of all. The standard error is NaN where a
// subset has none, everything is NaN where there is no subset.
MeanEstimate macro_average(std::span<const MeanEstimate> subsets);

}  // namespace assay::scorers
