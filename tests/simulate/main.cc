// Simulates what docs/statistics.md promises and prints the tables. Usage: simulate [REPETITIONS [SEED]]
// Exit code 1 where a promise is broken by more than three standard errors of the simulation.
#include <fmt/format.h>

#include <cstdlib>
#include <string>

#include "tests/simulate/repeat.h"

namespace {

using assay::simulate::Row;

std::string promise(const Row& row) {
  if (!row.promised()) return "";
  if (row.low == 0) return fmt::format("at most {:.1f}", 100 * row.high);
  if (row.high == 1) return fmt::format("at least {:.1f}", 100 * row.low);
  return fmt::format("{:.1f} to {:.1f}", 100 * row.low, 100 * row.high);
}

}  // namespace

int main(int argc, char** argv) {
  assay::simulate::Size size;
  if (argc > 1) size.repetitions = std::atoi(argv[1]);
  if (argc > 2) size.seed = std::strtoull(argv[2], nullptr, 10);
  if (argc > 3 || size.repetitions < 1) {
    fmt::print(stderr, "usage: simulate [REPETITIONS [SEED]]\n");
    return 64;
  }
  using assay::simulate::Size;
  int promised = 0;
  int broken = 0;
  fmt::print("{} repetitions a line, seed {}; all numbers in percent (points)\n", size.repetitions, size.seed);
  for (auto* table : {assay::simulate::coverage, assay::simulate::false_differences, assay::simulate::gate_errors,
                      assay::simulate::gate_errors_of_five_tasks, assay::simulate::sequential_errors,
                      assay::simulate::power, assay::simulate::ratings_of_two, assay::simulate::ratings_of_four}) {
    std::string title;
    for (const Row& row : table(size)) {
      if (row.table != title) fmt::print("\n{}\n", title = row.table);
      promised += row.promised() ? 1 : 0;
      broken += row.broken() ? 1 : 0;
      fmt::print("  {:6.2f} ±{:4.2f}  {:14}  {}{}  {}\n", 100 * row.share, 100 * row.stderr_, promise(row), row.what,
                 row.note.empty() ? "" : "; " + row.note, row.broken() ? "BROKEN" : "");
      std::fflush(stdout);
    }
  }
  fmt::print("\n{} promises, {} broken\n", promised, broken);
  return broken == 0 ? 0 : 1;
}
