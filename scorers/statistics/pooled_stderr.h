// Standard error of a micro average over subsets as lm-evaluation-harness 0.4.13 reports it (PROTOCOLS.md §1.5).
#pragma once

#include <span>

#include "scorers/statistics/mean.h"

namespace assay::scorers {

// sqrt( Σ (nᵢ−1)·nᵢ·seᵢ² / (N−k) / N ), N = Σ nᵢ over k subsets. It ignores the spread between the subsets, so that the
// error of all samples together is usually a little larger. A subset of one sample adds nothing to the sum; NaN where
// every subset has only one.
double pooled_stderr(std::span<const MeanEstimate> subsets);

}  // namespace assay::scorers
