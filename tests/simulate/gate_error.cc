// How often the gate errs about a candidate that is worse by exactly the margin: it passes it, or calls it regressed.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scorers/statistics/multiple_comparisons.h"
#include "scorers/statistics/sequential.h"
#include "tests/simulate/repeat.h"

namespace assay::simulate {
namespace {

constexpr double kAlpha = 0.05;

struct Cell {
  Design design;
  Law law = Law::kBinary;
  double margin = 0.02;
  double spread = 0.1;

  Truth at(double difference) const { return {law, difference, spread}; }
  std::string text() const { return describe(design) + "; " + describe(at(-margin)); }
};

bool large(const Design& d) {
  return d.samples >= 300 && (d.clusters == 0 || d.clusters >= 40);
}

std::vector<Cell> cells(const Size& size) {
  std::vector<Cell> result = {{{300, 0, 0, false, false}, Law::kBinary, 0.02, 0.02},
                              {{320, 40, 0.2, true, false}, Law::kBinary, 0.03, 0.1}};
  if (size.reduced) return result;
  const std::vector<Cell> more = {{{300, 0, 0, false, false}, Law::kBinary, 0.02, 0.05},
                                  {{300, 0, 0, false, false}, Law::kBinary, 0.03, 0.1},
                                  {{1000, 0, 0, false, false}, Law::kBinary, 0.01, 0.012},
                                  {{1000, 0, 0, false, false}, Law::kBinary, 0.01, 0.08},
                                  {{600, 0, 0, false, true}, Law::kBinary, 0.03, 0.1},
                                  {{320, 40, 0.05, false, false}, Law::kBinary, 0.02, 0.02},
                                  {{320, 40, 0.2, false, false}, Law::kBinary, 0.02, 0.02},
                                  {{320, 40, 0.2, false, false}, Law::kBinary, 0.05, 0.05},
                                  {{320, 40, 0.6, false, false}, Law::kBinary, 0.03, 0.1},
                                  {{320, 40, 0.2, true, true}, Law::kBinary, 0.03, 0.1},
                                  {{1000, 40, 0.1, true, false}, Law::kBinary, 0.02, 0.1},
                                  {{1200, 300, 0.3, false, false}, Law::kBinary, 0.01, 0.01},
                                  {{1200, 300, 0.3, false, false}, Law::kBinary, 0.02, 0.1},
                                  {{1140, 57, 0.05, true, true}, Law::kBinary, 0.02, 0.05},
                                  {{300, 0, 0, false, false}, Law::kRepeats, 0.03, 0},
                                  {{320, 40, 0.2, true, false}, Law::kRepeats, 0.03, 0},
                                  {{300, 0, 0, false, false}, Law::kSkewed, 0.02, 0.3},
                                  {{320, 40, 0.2, true, false}, Law::kSkewed, 0.02, 0.3},
                                  {{320, 40, 0.2, true, false}, Law::kNormal, 0.02, 0.3},
                                  {{100, 10, 0.2, true, false}, Law::kBinary, 0.05, 0.1}};
  result.insert(result.end(), more.begin(), more.end());
  return result;
}

// Ends of the clusters after every fifty samples or more, and the last.
std::vector<size_t> looks(const Scores& scores) {
  std::vector<size_t> ends;
  size_t next = 50;
  for (size_t n = 1; n <= scores.a.size(); ++n) {
    const bool last = n == scores.a.size();
    const bool whole = last || scores.cluster.empty() || scores.cluster[n] != scores.cluster[n - 1];
    if (!last && !(whole && n >= next)) continue;
    ends.push_back(n);
    next = n + 50;
  }
  return ends;
}

double largest_cluster(const Design& design) {
  if (design.clusters == 0) return 0;
  const std::vector<int> sizes = sizes_of(design);
  return *std::max_element(sizes.begin(), sizes.end());
}

}  // namespace

std::vector<Row> gate_errors(const Size& size) {
  std::vector<Row> rows;
  for (const Cell& cell : cells(size)) {
    const std::vector<double> erred =
        shares(size, "gate " + cell.text(), 2, [&](Random& random, std::vector<bool>& wrong) {
          const Scores scores = draw(cell.design, cell.at(-cell.margin), random);
          const GateP gate = gate_p(scores.view(), cell.margin);
          wrong[0] = gate.not_worse < kAlpha;
          wrong[1] = gate.inferior < kAlpha;
        });
    // A gate is for scores. Differences without bounds whose clusters are strongly skewed take more clusters than 40.
    const bool hard = cell.law == Law::kSkewed && cell.design.clusters > 0;
    const double high = large(cell.design) && !hard ? kAlpha : 1;
    const std::string table = "gate at 5 %, candidate worse by the margin";
    rows.push_back(make_row(size, table, cell.text(), erred[0], 0, high, "passed"));
    rows.push_back(make_row(size, table, cell.text(), erred[1], 0, high, "regressed"));
  }
  return rows;
}

std::vector<Row> gate_errors_of_five_tasks(const Size& size) {
  const Cell cell{{size.reduced ? 100 : 400, 0, 0, false, false}, Law::kBinary, 0.03, 0.08};
  const auto gate = [&](double difference, Random& random) {
    const Scores scores = draw(cell.design, cell.at(difference), random);
    return gate_p(scores.view(), cell.margin);
  };
  const std::vector<double> erred = shares(size, "five tasks", 3, [&](Random& random, std::vector<bool>& wrong) {
    std::vector<double> inferior;
    for (int task = 0; task < 5; ++task) inferior.push_back(gate(-cell.margin, random).inferior);
    const std::vector<double> corrected = scorers::holm(inferior);
    wrong[0] = *std::min_element(corrected.begin(), corrected.end()) < kAlpha;
    wrong[1] = *std::min_element(inferior.begin(), inferior.end()) < kAlpha;
    bool passed = gate(-cell.margin, random).not_worse < kAlpha;
    for (int task = 1; passed && task < 5; ++task) passed = gate(0.03, random).not_worse < kAlpha;
    wrong[2] = passed;
  });
  const std::string table = "gate at 5 % over five tasks";
  const std::string all = "all worse by the margin; " + cell.text();
  return {make_row(size, table, all, erred[0], 0, kAlpha, "regressed"),
          make_row(size, table, all, erred[1], 0, 1, "regressed, without Holm"),
          make_row(size, table, "one worse by the margin, four better", erred[2], 0, kAlpha, "passed")};
}

std::vector<Row> sequential_errors(const Size& size) {
  std::vector<Cell> of = {{{1000, 0, 0, false, false}, Law::kBinary, 0.02, 0.02}};
  if (!size.reduced) {
    of.push_back({{2000, 0, 0, false, false}, Law::kBinary, 0.02, 0.1});
    of.push_back({{2000, 0, 0, false, false}, Law::kBinary, 0.05, 0.3});
    of.push_back({{2000, 250, 0.3, false, false}, Law::kBinary, 0.03, 0.1});
    of.push_back({{1000, 0, 0, false, false}, Law::kRepeats, 0.03, 0});
  }
  std::vector<Row> rows;
  for (const Cell& cell : of) {
    const double largest = largest_cluster(cell.design);
    const auto ever = [&](double difference, Random& random, std::vector<bool>& decided) {
      const Scores scores = draw(cell.design, cell.at(difference), random);
      for (const size_t n : looks(scores)) {
        const scorers::SequentialGate gate =
            scorers::sequential_p_values(scores.first(n), {cell.margin, kAlpha}, largest);
        decided[0] = decided[0] || gate.p_not_worse < kAlpha;
        decided[1] = decided[1] || gate.p_inferior < kAlpha;
      }
    };
    const std::string table = "sequential gate at 5 %, a look after every 50 samples";
    const auto at = [&](double difference) {
      return shares(size, fmt::format("sequential {} {}", difference, cell.text()), 2,
                    [&](Random& random, std::vector<bool>& decided) { ever(difference, random, decided); });
    };
    const std::vector<double> wrong = at(-cell.margin);
    rows.push_back(make_row(size, table, cell.text(), wrong[0], 0, kAlpha, "passed at some look"));
    rows.push_back(make_row(size, table, cell.text(), wrong[1], 0, kAlpha, "regressed at some look"));
    if (size.reduced) continue;
    const std::string equal = describe(cell.design) + "; " + describe(cell.at(0));
    rows.push_back(make_row(size, table, equal, at(0)[0], 0, 1, fmt::format("passed, margin {:g}", 100 * cell.margin)));
  }
  return rows;
}

}  // namespace assay::simulate
