// pass@k: the chance that at least one of k programs passes, estimated from n programs of which c pass.
#pragma once

#include <cstdint>

namespace assay::scorers {

// 1 − C(n−c, k) / C(n, k), and 1 where n − c < k (Chen et al. 2021, "Evaluating large language models trained on code",
// equation 1). Error(kBadInput) unless n >= 1, 0 <= c <= n and 1 <= k <= n. Time: min(c, k) steps.
double pass_at_k(int64_t n, int64_t c, int64_t k);

}  // namespace assay::scorers
