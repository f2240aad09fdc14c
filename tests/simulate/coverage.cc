// How often the 95 % interval of compare_paired() holds the true difference, and how often runs that do not differ are
// called different.
#include "scorers/statistics/paired_comparison.h"
#include "tests/simulate/repeat.h"

namespace assay::simulate {
namespace {

struct Cell {
  Design design;
  Truth truth;
};

constexpr double kSmallest = 0.94;
constexpr double kLargest = 0.965;

// Where fewer than this many samples are expected to differ, no interval covers close to 95 %: the outcomes are too
// few. It must not cover less than promised.
constexpr double kEnoughDiscordant = 15;

bool few(const Cell& c) {
  return c.truth.law == Law::kBinary && c.design.samples * c.truth.spread / design_effect(c.design) < kEnoughDiscordant;
}

bool large(const Design& d) {
  return d.samples >= 300 && (d.clusters == 0 || d.clusters >= 40);
}

std::string describe(const Cell& c) {
  return describe(c.design) + "; " + describe(c.truth);
}

std::vector<Design> designs(const Size& size) {
  std::vector<Design> result = {{300, 0, 0, false, false}, {320, 40, 0.2, true, false}};
  if (size.reduced) return result;
  const std::vector<Design> more = {
      {100, 0, 0, false, false},      {1000, 0, 0, false, false},   {600, 0, 0, false, true},
      {320, 40, 0, false, false},     {320, 40, 0.2, false, false}, {320, 40, 0.6, false, false},
      {320, 40, 0.2, true, true},     {1000, 40, 0.1, true, false}, {1000, 40, 0.1, true, true},
      {1200, 300, 0.3, false, false}, {1140, 57, 0.05, true, true}, {200, 20, 0.2, true, false},
      {200, 10, 0.2, false, false},   {100, 5, 0.2, true, false}};
  result.insert(result.end(), more.begin(), more.end());
  return result;
}

std::vector<Truth> truths(const Size& size) {
  std::vector<Truth> result = {{Law::kBinary, 0, 0.1}, {Law::kBinary, -0.05, 0.1}, {Law::kSkewed, -0.02, 0.3}};
  if (size.reduced) return result;
  const std::vector<Truth> more = {{Law::kBinary, -0.01, 0.02},
                                   {Law::kBinary, -0.06, 0.06},
                                   {Law::kBinary, 0.03, 0.3},
                                   {Law::kRepeats, -0.03, 0},
                                   {Law::kNormal, 0, 0.3}};
  result.insert(result.end(), more.begin(), more.end());
  return result;
}

}  // namespace

std::vector<Row> coverage(const Size& size) {
  std::vector<Row> rows;
  for (const Design& design : designs(size)) {
    for (const Truth& truth : truths(size)) {
      const Cell cell{design, truth};
      const double share = shares(size, "coverage " + describe(cell), 1, [&](Random& random, std::vector<bool>& held) {
        const Scores scores = draw(design, truth, random);
        const scorers::Interval interval = scorers::compare_paired(scores.view()).interval;
        held[0] = interval.low <= truth.difference && truth.difference <= interval.high;
      })[0];
      const bool promised = large(design);
      rows.push_back(make_row(size, "coverage of 95 % intervals", describe(cell), share, promised ? kSmallest : 0,
                              promised && !few(cell) ? kLargest : 1, few(cell) ? "few differ" : ""));
    }
  }
  return rows;
}

std::vector<Row> false_differences(const Size& size) {
  std::vector<Row> rows;
  const std::string table = "runs that do not differ, called different at 5 %";
  for (const Design& design : designs(size)) {
    for (const double spread : {0.02, 0.1, 0.3}) {
      if (size.reduced && spread != 0.1) continue;
      const Cell cell{design, {Law::kBinary, 0, spread}};
      const std::vector<double> rejected =
          shares(size, "error " + describe(cell), 2, [&](Random& random, std::vector<bool>& called) {
            const Scores scores = draw(design, cell.truth, random);
            const scorers::PairedComparison result = scorers::compare_paired(scores.view());
            called[0] = result.p <= 0.05;
            called[1] = result.mcnemar.exact_p <= 0.05;
          });
      const bool exact = design.clusters == 0 && !design.macro;
      const bool promised = large(design);
      const double high = exact ? 0.05 : 1 - kSmallest;
      rows.push_back(make_row(size, table, describe(cell), rejected[0],
                              promised && !exact && !few(cell) ? 1 - kLargest : 0, promised ? high : 1));
      if (exact) continue;
      rows.push_back(make_row(size, table, describe(cell), rejected[1], 0, 1,
                              design.clusters > 0 ? "McNemar, ignores the clusters" : "McNemar, ignores the weights"));
    }
  }
  return rows;
}

}  // namespace assay::simulate
