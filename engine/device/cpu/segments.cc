#include "engine/device/cpu/segments.h"

#include "base/error.h"

namespace assay::engine {

std::vector<TokenRow> token_rows(std::span<const Segment> segments) {
  std::vector<TokenRow> rows;
  for (const Segment& segment : segments) {
    for (int i = 0; i < segment.rows; ++i)
      rows.push_back({&segment, segment.first_row + i, segment.first_position + i});
  }
  return rows;
}

void check_segments(std::span<const Segment> segments, int pages) {
  for (const Segment& segment : segments) {
    const int64_t covered = static_cast<int64_t>(segment.pages.size()) * kPageTokens;
    if (segment.first_row < 0 || segment.rows < 0 || segment.first_position < 0 ||
        covered < int64_t{segment.first_position} + segment.rows) {
      fail(ExitCode::kInternal, "a segment of {} rows from position {} has {} pages", segment.rows,
           segment.first_position, segment.pages.size());
    }
    for (int32_t page : segment.pages) {
      if (page < 0 || page >= pages) fail(ExitCode::kInternal, "page {} in a cache of {} pages", page, pages);
    }
  }
}

}  // namespace assay::engine
