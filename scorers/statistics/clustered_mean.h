// A weighted mean of samples that come in clusters, with an error that few and unequal clusters do not make too small.
#pragma once

#include <span>

namespace assay::scorers {

// With the share h_g = W_g/N of the weight that cluster g holds, and S_g = Σ w·(x − x̄) over it:
struct ClusteredMean {
  double mean = 0;
  double stderr_ = 0;  // √(Σ S_g²/(1−h_g)) / N: "CR2" of R. M. Bell, D. F. McCaffrey 2002, "Bias reduction in standard
                       // errors for linear regression with multi-stage samples", Survey Methodology 28, 169-181. With
                       // clusters of one weight it is clustered_stderr()'s cr1
  double freedom = 0;  // Satterthwaite's 2·E(V)²/Var(V) of V = stderr_² where the values are normal and correlate
                       // within a cluster as much as they were seen to (G. W. Imbens, M. Kolesár 2016, "Robust
                       // standard errors in small samples", Rev. Econ. Stat. 98, 701-712). G−1 for clusters of one
                       // weight, less for unequal ones
  double skew = 0;   // of the mean's law: Σ u_g³ / (Σ u_g²)^1.5 with u_g = S_g/√(1−h_g); 0 where nothing varies
  int clusters = 0;  // G
  double ones = 0;   // N²/ΣW_g²: the number of independent samples that say as much if clusters agree throughout
};

// Clusters as in cluster_sums(); none: each value is its own. Weights are above 0 (what they sum to does not matter);
// none: all the same. Independent values of one weight give sd/√n and n−1. Error and freedom are NaN below two
// clusters. Error(kBadInput) for no values, a value that is not finite, lengths that differ and a weight that is not
// above 0.
ClusteredMean clustered_mean(std::span<const double> values, std::span<const int> cluster = {},
                             std::span<const double> weight = {});

}  // namespace assay::scorers
