#include "engine/model/step_rows.h"

#include <algorithm>

namespace assay::engine {

std::vector<int> wanted_rows(const Step& step) {
  std::vector<int> rows;
  for (const Target& target : step.targets) rows.push_back(target.row);
  for (const Step::NextToken& next : step.next_tokens) rows.push_back(next.row);
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

std::vector<Segment> restrict_to(std::span<const Segment> segments, std::span<const int> rows) {
  std::vector<Segment> parts;
  auto segment = segments.begin();
  for (int row : rows) {
    bool same_segment = true;
    while (row >= segment->first_row + segment->rows) {
      ++segment;
      same_segment = false;
    }
    if (!parts.empty() && same_segment && parts.back().first_row + parts.back().rows == row) {
      ++parts.back().rows;
    } else {
      parts.push_back({row, 1, segment->first_position + row - segment->first_row, segment->pages, segment->generated});
    }
  }
  return parts;
}

RowCount count_rows(std::span<const Segment> segments) {
  RowCount count;
  for (const Segment& segment : segments) (segment.generated ? count.generated : count.prompt) += segment.rows;
  return count;
}

}  // namespace assay::engine
