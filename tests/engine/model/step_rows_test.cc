#include "engine/model/step_rows.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace assay::engine {
namespace {

using Rows = std::vector<int>;

TEST(StepRows, WantedAscendEachOnce) {
  Step step;
  EXPECT_EQ(wanted_rows(step), Rows{});
  step.targets = {{1, 7}, {1, 8}, {4, 9}};
  step.next_tokens = {{0, {}}, {4, {}}, {9, {}}, {9, {}}};
  EXPECT_EQ(wanted_rows(step), (Rows{0, 1, 4, 9}));
}

// Rows 0 and 1 generated, each a sequence; then a prompt of 6 rows from position 10, one of 4 from its beginning.
TEST(StepRows, RestrictedToRunsOfOneSegment) {
  const std::vector<int32_t> pages{3, 1, 2};
  const std::vector<Segment> segments{
      {0, 1, 40, pages, true}, {1, 1, 5, pages, true}, {2, 6, 10, pages, false}, {8, 4, 0, pages, false}};
  struct Run {
    int first_row, rows, first_position;
    bool generated;
    bool operator==(const Run&) const = default;
  };
  struct Case {
    Rows rows;
    std::vector<Run> runs;
  };
  const std::vector<Case> cases = {
      {{}, {}},
      {{0}, {{0, 1, 40, true}}},
      {{0, 1}, {{0, 1, 40, true}, {1, 1, 5, true}}},
      {{1, 2, 3}, {{1, 1, 5, true}, {2, 2, 10, false}}},
      {{2, 4, 5, 7}, {{2, 1, 10, false}, {4, 2, 12, false}, {7, 1, 15, false}}},
      {{7, 8}, {{7, 1, 15, false}, {8, 1, 0, false}}},
      {{0, 11}, {{0, 1, 40, true}, {11, 1, 3, false}}},
      {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11},
       {{0, 1, 40, true}, {1, 1, 5, true}, {2, 6, 10, false}, {8, 4, 0, false}}},
  };
  for (const Case& test : cases) {
    const std::vector<Segment> parts = restrict_to(segments, test.rows);
    std::vector<Run> runs;
    for (const Segment& part : parts) {
      runs.push_back({part.first_row, part.rows, part.first_position, part.generated});
      EXPECT_EQ(part.pages.data(), pages.data());
    }
    EXPECT_EQ(runs, test.runs) << ::testing::PrintToString(test.rows);
    const RowCount count = count_rows(parts);
    EXPECT_EQ(count.total(), static_cast<int>(test.rows.size()));
    EXPECT_EQ(count.generated,
              static_cast<int>(std::count_if(test.rows.begin(), test.rows.end(), [](int row) { return row < 2; })));
  }
}

}  // namespace
}  // namespace assay::engine
