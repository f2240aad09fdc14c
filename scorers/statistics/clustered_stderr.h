// Standard errors of a mean whose samples come in clusters (questions on one passage, questions of one subject).
#pragma once

#include <span>

namespace assay::scorers {

// With e = x − x̄ and S_g = Σ e over cluster g of G:
struct ClusteredStderr {
  int clusters = 0;
  double cr0 = 0;  // √(Σ S_g²) / n (Liang, Zeger 1986, "Longitudinal data analysis using generalized linear models")
  double cr1 = 0;     // cr0 · √(G/(G−1)): what comparisons use, with t of G−1 degrees of freedom
  double miller = 0;  // √(se² + (Σ S_g² − Σ e²)/n²), a negative sum taken as 0 (Miller 2024, arXiv 2411.00640,
                      // equation 4; se is that of independent samples)
};

// The clusters as in cluster_sums(). Below two clusters there is no error to be had: all three are NaN. Below about 20
// the intervals are too narrow. Error(kBadInput) for values that are not finite, none at all, or another length.
ClusteredStderr clustered_stderr(std::span<const double> values, std::span<const int> cluster);

}  // namespace assay::scorers
