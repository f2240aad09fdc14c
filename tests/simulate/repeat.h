// Runs a trial many times and judges the share of repetitions that end in a certain way against what is promised.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "tests/simulate/draw.h"

namespace assay::simulate {

struct Size {
  int repetitions = 5000;
  uint64_t seed = 1;
  bool reduced = false;  // a few cells of each table alone
};

// The shares in which outcomes 0, 1, ... of `outcomes` are true. `trial` fills them; it is called on several threads
// at once, and what it draws depends on the seed, `what` and the repetition alone.
using Trial = std::function<void(Random& random, std::vector<bool>& outcomes)>;
std::vector<double> shares(const Size& size, const std::string& what, size_t outcomes, const Trial& trial);

// One line of the table; a share and what bounds it. Both in [0, 1].
struct Row {
  std::string table;  // "coverage of 95 % intervals"
  std::string what;
  double share = 0;
  double stderr_ = 0;  // of the simulation itself
  double low = 0;      // promised; 0 and 1 where nothing is, and the share is only printed
  double high = 1;
  std::string note;

  bool promised() const { return low > 0 || high < 1; }
  // Whether the share lies outside by more than three standard errors of the simulation.
  bool broken() const { return share < low - 3 * stderr_ || share > high + 3 * stderr_; }
};

Row make_row(const Size& size, std::string table, std::string what, double share, double low = 0, double high = 1,
             std::string note = "");

// p_inferior and p_not_worse of non_inferiority(), without the limits, which would take most of the time.
struct GateP {
  double inferior = 1;
  double not_worse = 1;
};
GateP gate_p(const scorers::PairedScores& scores, double margin);

// The tables. coverage.cc:
std::vector<Row> coverage(const Size& size);           // of compare_paired()'s 95 % intervals
std::vector<Row> false_differences(const Size& size);  // p <= 0.05 of runs that do not differ, and McNemar's
// gate_error.cc: of a candidate that is worse by exactly the margin.
std::vector<Row> gate_errors(const Size& size);
std::vector<Row> gate_errors_of_five_tasks(const Size& size);
std::vector<Row> sequential_errors(const Size& size);
// power.cc: beside what is planned.
std::vector<Row> power(const Size& size);
// ratings.cc: of 95 % intervals of people's ratings.
std::vector<Row> ratings_of_two(const Size& size);   // shares of wins and ties, score and log strength of two models
std::vector<Row> ratings_of_four(const Size& size);  // differences of log strengths of four models

}  // namespace assay::simulate
