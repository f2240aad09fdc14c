// Which rows are hidden so that small ones cannot be found out by subtraction.
#include "reports/small_cells.h"

#include <gtest/gtest.h>

#include <string>

namespace assay::reports {
namespace {

// A letter a row: 'h' hidden, '.' shown.
std::string hidden_of(const std::vector<int64_t>& counts, int64_t min_count, const std::string& before = "") {
  std::vector<bool> hidden;
  for (const char c : before) hidden.push_back(c == 'h');
  std::string text;
  for (const bool is_hidden : hidden_rows(counts, min_count, hidden)) text += is_hidden ? 'h' : '.';
  return text;
}

TEST(SmallCells, HiddenRowsHaveNoneOrEnoughTogether) {
  struct Case {
    std::vector<int64_t> counts;
    int64_t min_count;
    const char* before;
    const char* expected;
  };
  const Case cases[] = {
      {{}, 5, "", ""},
      {{10, 20}, 5, "", ".."},
      {{5, 5}, 5, "", ".."},
      {{10, 4, 20}, 5, "", "hh."},  // the smaller of the others guards it
      {{20, 4, 10}, 5, "", ".hh"},
      {{10, 4, 10}, 5, "", "hh."},      // of two equal ones the first
      {{10, 1, 3, 20}, 5, "", "hhh."},  // two small ones of 4 together are one small row
      {{10, 2, 3, 20}, 5, "", ".hh."},
      {{10, 4, 4, 20}, 5, "", ".hh."},
      {{10, 0, 20}, 5, "", ".h."},  // a row without votes tells of nobody
      {{10, 0, 3, 20}, 5, "", "hhh."},
      {{4}, 5, "", "h"},  // nothing is left to guard it with
      {{1, 2}, 5, "", "hh"},
      {{3, 1, 2}, 1, "", "..."},  // 1: nothing is small
      {{0, 3}, 1, "", "h."},
      {{10, 20, 30}, 5, ".h.", ".h."},  // hidden for another reason, and large
      {{10, 2, 30}, 5, ".h.", "hh."},
      {{10, 2, 30, 2}, 5, ".h..", "hh.h"},
      {{100, 40, 30}, 50, "", ".hh"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(hidden_of(c.counts, c.min_count, c.before), c.expected) << c.expected << " of " << c.min_count;
  }
}

}  // namespace
}  // namespace assay::reports
