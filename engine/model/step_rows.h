// Which rows of a step somebody wants the logits of: the last layer computes no others.
#pragma once

#include <span>
#include <vector>

#include "engine/model/model.h"

namespace assay::engine {

// Ascending, each once.
std::vector<int> wanted_rows(const Step& step);

// The parts of `segments` that cover `rows` (ascending, of theirs) and nothing else, as runs of consecutive rows of one
// segment.
std::vector<Segment> restrict_to(std::span<const Segment> segments, std::span<const int> rows);

RowCount count_rows(std::span<const Segment> segments);

}  // namespace assay::engine
