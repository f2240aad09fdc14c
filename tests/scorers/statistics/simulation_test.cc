// The simulation of tests/simulate at reduced size: a few cells of each table, seeded. The full size is
// scripts/simulate.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/simulate/repeat.h"

namespace assay::simulate {
namespace {

void expect_kept(const std::vector<Row>& rows) {
  int promised = 0;
  for (const Row& row : rows) {
    promised += row.promised() ? 1 : 0;
    EXPECT_FALSE(row.broken()) << row.table << ": " << row.what << "; " << row.note << ": " << 100 * row.share
                               << " % where " << 100 * row.low << " to " << 100 * row.high << " is promised";
  }
  EXPECT_GT(promised, 0);
  fmt::print("{}: {} of {} shares are promised and kept\n", rows.at(0).table, promised, rows.size());
}

constexpr Size kReduced{600, 1, true};

TEST(Simulation, Coverage) {
  expect_kept(coverage(kReduced));
}

TEST(Simulation, ErrorOfRunsThatDoNotDiffer) {
  const std::vector<Row> rows = false_differences(kReduced);
  expect_kept(rows);
  // McNemar's test ignores clusters and errs too often: the reason for the clustered one.
  EXPECT_TRUE(std::any_of(rows.begin(), rows.end(), [](const Row& row) {
    return row.note.starts_with("McNemar, ignores the clusters") && row.share > 0.1;
  }));
}

TEST(Simulation, ErrorOfTheGate) {
  expect_kept(gate_errors(kReduced));
  expect_kept(gate_errors_of_five_tasks({300, 1, true}));
  expect_kept(sequential_errors(kReduced));
}

TEST(Simulation, PowerAsPlanned) {
  expect_kept(power(kReduced));
}

TEST(Simulation, RatingsOfPeople) {
  expect_kept(ratings_of_two(kReduced));
  expect_kept(ratings_of_four({300, 1, true}));
}

// The judgement itself: a share is broken beyond three standard errors only.
TEST(Simulation, ABrokenPromiseIsSeen) {
  const Size size{10'000, 1, true};
  EXPECT_FALSE(make_row(size, "t", "w", 0.056, 0, 0.05).broken());
  EXPECT_TRUE(make_row(size, "t", "w", 0.058, 0, 0.05).broken());
  EXPECT_TRUE(make_row(size, "t", "w", 0.93, 0.94, 0.965).broken());
  EXPECT_FALSE(make_row(size, "t", "w", 0.95, 0.94, 0.965).broken());
  EXPECT_FALSE(make_row(size, "t", "w", 0.5).broken());
}

}  // namespace
}  // namespace assay::simulate
