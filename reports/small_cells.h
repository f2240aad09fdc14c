// Which rows of a table stay hidden, so that nobody is found out from counts: rows of few votes, and as many more as it
// takes that such a row is not the total less the rows that are shown.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace assay::reports {

// Rows below `min_count` are hidden, and those that `hidden` marks already; then more, the smallest first and of equal
// ones the earliest, until the hidden rows have none together or `min_count` or more. Which of them are small is not to
// be told: two that are known to be below 5 and to have 8 together have 4 each.
std::vector<bool> hidden_rows(std::span<const int64_t> counts, int64_t min_count, std::vector<bool> hidden = {});

}  // namespace assay::reports
