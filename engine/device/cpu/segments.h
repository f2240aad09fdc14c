// The tokens of a step, one by one, and the proof that a step may be trusted.
#pragma once

#include <span>
#include <vector>

#include "engine/device/device.h"

namespace assay::engine {

struct TokenRow {
  const Segment* segment = nullptr;
  int row = 0;  // of the step
  int position = 0;
};

// In the order of the segments, which must outlive the result.
std::vector<TokenRow> token_rows(std::span<const Segment> segments);

// Error(kInternal) where a segment has too few pages for its positions, or one that the cache does not have.
void check_segments(std::span<const Segment> segments, int pages);

}  // namespace assay::engine
