// How often a difference is found, beside what the planning functions say.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scorers/statistics/mcnemar_power.h"
#include "scorers/statistics/paired_mean_power.h"
#include "tests/simulate/repeat.h"

namespace assay::simulate {
namespace {

constexpr double kWithin = 0.03;

Row beside_plan(const Size& size, const std::string& what, Law law, double found, double planned) {
  // The plan of a mean is by the normal law and knows of no skew.
  const bool promised = law != Law::kSkewed;
  return make_row(size, "power", what, found, promised ? std::max(1e-9, planned - kWithin) : 0,
                  promised ? std::min(1 - 1e-9, planned + kWithin) : 1, fmt::format("planned {:.1f} %", 100 * planned));
}

double deviation(const Design& design, const Truth& truth) {
  const double variance =
      truth.law == Law::kBinary ? truth.spread - truth.difference * truth.difference : truth.spread * truth.spread;
  return std::sqrt(variance * design_effect(design));
}

double found(const Size& size, const std::string& what, const Design& design, const Truth& truth) {
  return shares(size, "power " + what, 1, [&](Random& random, std::vector<bool>& called) {
    const Scores scores = draw(design, truth, random);
    called[0] = scorers::compare_paired(scores.view()).p <= 0.05;
  })[0];
}

double passed(const Size& size, const std::string& what, const Design& design, const Truth& truth, double margin) {
  return shares(size, "pass " + what, 1, [&](Random& random, std::vector<bool>& called) {
    const Scores scores = draw(design, truth, random);
    called[0] = gate_p(scores.view(), margin).not_worse < 0.05;
  })[0];
}

}  // namespace

std::vector<Row> power(const Size& size) {
  std::vector<Row> rows;
  std::vector<std::pair<Design, Truth>> independent = {{{400, 0, 0, false, false}, {Law::kBinary, -0.04, 0.1}}};
  std::vector<std::pair<Design, Truth>> others = {{{800, 80, 0.1, false, false}, {Law::kBinary, -0.04, 0.1}}};
  std::vector<std::pair<Design, Truth>> gates = {{{600, 0, 0, false, false}, {Law::kBinary, 0, 0.1}}};
  if (!size.reduced) {
    independent.push_back({{1000, 0, 0, false, false}, {Law::kBinary, -0.03, 0.12}});
    independent.push_back({{2000, 0, 0, false, false}, {Law::kBinary, 0.03, 0.25}});
    independent.push_back({{300, 0, 0, false, false}, {Law::kBinary, -0.04, 0.05}});
    others.push_back({{1200, 300, 0.3, false, false}, {Law::kBinary, -0.04, 0.15}});
    others.push_back({{600, 0, 0, false, true}, {Law::kBinary, -0.06, 0.15}});
    others.push_back({{400, 0, 0, false, false}, {Law::kSkewed, -0.04, 0.3}});
    others.push_back({{600, 60, 0.1, true, false}, {Law::kNormal, 0.06, 0.3}});
    gates.push_back({{1500, 0, 0, false, false}, {Law::kBinary, -0.005, 0.1}});
    gates.push_back({{1200, 300, 0.2, false, false}, {Law::kBinary, 0, 0.1}});
    gates.push_back({{600, 60, 0.1, true, false}, {Law::kNormal, 0, 0.2}});
  }
  for (const auto& [design, truth] : independent) {
    const std::string what = "McNemar; " + describe(design) + "; " + describe(truth);
    const double planned =
        scorers::mcnemar_power_exact({truth.spread}, design.samples, truth.difference, scorers::McNemarKind::kExact);
    rows.push_back(beside_plan(size, what, truth.law, found(size, what, design, truth), planned));
  }
  for (const auto& [design, truth] : others) {
    const std::string what = "difference; " + describe(design) + "; " + describe(truth);
    const double planned = scorers::paired_mean_power({deviation(design, truth)}, design.samples, truth.difference);
    rows.push_back(beside_plan(size, what, truth.law, found(size, what, design, truth), planned));
  }
  for (const auto& [design, truth] : gates) {
    const double margin = 0.03;
    const std::string what = "gate, margin 3; " + describe(design) + "; " + describe(truth);
    const double planned =
        scorers::paired_mean_power({deviation(design, truth), 0.1}, design.samples, truth.difference + margin);
    rows.push_back(beside_plan(size, what, truth.law, passed(size, what, design, truth, margin), planned));
  }
  return rows;
}

}  // namespace assay::simulate
