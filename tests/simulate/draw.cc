#include "tests/simulate/draw.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace assay::simulate {
namespace {

constexpr int kSubsets = 10;  // of a macro average over independent samples

double uniform(Random& random) {
  return static_cast<double>(random() >> 11) * 0x1p-53;
}

double normal(Random& random) {
  return std::sqrt(-2 * std::log1p(-uniform(random))) * std::cos(2 * std::numbers::pi * uniform(random));
}

struct Pair {
  double a = 0;
  double b = 0;
};

double right_of_four(double share, Random& random) {
  double right = 0;
  for (int i = 0; i < 4; ++i) right += uniform(random) < share ? 0.25 : 0;
  return right;
}

// What the samples of one cluster have in common.
struct Common {
  double a_alone = 0;  // kBinary: shares of samples that A alone and B alone answers rightly
  double b_alone = 0;
  double repeats = 0;  // kRepeats: the probability of repeating `pair`
  Pair pair;
  double effect = 0;  // kNormal, kSkewed: in units of `spread`
  double own = 1;     // and the weight of a sample's own effect
};

double gamma(double shape, Random& random) {
  return std::gamma_distribution<double>(shape)(random);
}

double unit_effect(Law law, Random& random) {
  return law == Law::kNormal ? normal(random) : 1 + std::log1p(-uniform(random));
}

Pair draw_repeats(const Truth& truth, Random& random) {
  const double share = uniform(random) < 0.5 ? 0.2 : 0.8;
  return {right_of_four(share, random), right_of_four(share + truth.difference, random)};
}

Common draw_common(const Truth& truth, double correlation, Random& random) {
  Common common;
  common.a_alone = (truth.spread - truth.difference) / 2;
  common.b_alone = (truth.spread + truth.difference) / 2;
  if (correlation == 0) return common;
  if (truth.law == Law::kBinary) {
    // Shares from Dirichlet's law, the beta-binomial model: indicators correlate by 1/(1+concentration).
    const double concentration = 1 / correlation - 1;
    const double a = common.a_alone > 0 ? gamma(common.a_alone * concentration, random) : 0;
    const double b = common.b_alone > 0 ? gamma(common.b_alone * concentration, random) : 0;
    const double same = gamma((1 - truth.spread) * concentration, random);
    return {a / (a + b + same), b / (a + b + same), 0, {}, 0, 1};
  }
  if (truth.law == Law::kRepeats) {
    common.repeats = std::sqrt(correlation);
    common.pair = draw_repeats(truth, random);
    return common;
  }
  common.effect = std::sqrt(correlation) * unit_effect(truth.law, random);
  common.own = std::sqrt(1 - correlation);
  return common;
}

Pair draw_pair(const Truth& truth, const Common& common, Random& random) {
  if (truth.law == Law::kBinary) {
    const double u = uniform(random);
    if (u < common.a_alone) return {1, 0};
    if (u < common.a_alone + common.b_alone) return {0, 1};
    const double same = uniform(random) < 0.6 ? 1 : 0;
    return {same, same};
  }
  if (truth.law == Law::kRepeats) {
    return common.repeats > 0 && uniform(random) < common.repeats ? common.pair : draw_repeats(truth, random);
  }
  const double a = -2 + normal(random);
  return {a, a + truth.difference + truth.spread * (common.effect + common.own * unit_effect(truth.law, random))};
}

}  // namespace

scorers::PairedScores Scores::first(size_t n) const {
  scorers::PairedScores all = view();
  all.a = all.a.first(n);
  all.b = all.b.first(n);
  if (!cluster.empty()) all.cluster = all.cluster.first(n);
  if (!weight.empty()) all.weight = all.weight.first(n);
  return all;
}

std::vector<int> sizes_of(const Design& design) {
  if (design.clusters == 0 && !design.macro) return std::vector<int>(static_cast<size_t>(design.samples), 1);
  const int count = design.clusters > 0 ? design.clusters : kSubsets;
  const bool unequal = design.unequal || design.clusters == 0;
  std::vector<double> ratio(static_cast<size_t>(count), 1.0);
  for (int g = 0; unequal && g < count; ++g) {
    ratio[static_cast<size_t>(g)] = std::pow(9.0, static_cast<double>(g) / (count - 1));
  }
  const double total = std::accumulate(ratio.begin(), ratio.end(), 0.0);
  std::vector<int> sizes;
  for (const double r : ratio) sizes.push_back(std::max(1, static_cast<int>(std::lround(design.samples * r / total))));
  return sizes;
}

double design_effect(const Design& design) {
  const std::vector<int> sizes = sizes_of(design);
  const double n = std::accumulate(sizes.begin(), sizes.end(), 0.0);
  const double rho = design.clusters > 0 ? design.correlation : 0;
  double variance = 0;  // of the mean, for samples of variance 1
  for (const int size : sizes) {
    const double weight = design.macro ? n / static_cast<double>(sizes.size()) / size : 1;
    variance += weight * weight * size * (1 + (size - 1) * rho) / (n * n);
  }
  return variance * n;
}

Scores draw(const Design& design, const Truth& truth, Random& random) {
  const std::vector<int> sizes = sizes_of(design);
  const double n = std::accumulate(sizes.begin(), sizes.end(), 0.0);
  const double correlation = design.clusters > 0 ? design.correlation : 0;
  Scores scores;
  for (size_t g = 0; g < sizes.size(); ++g) {
    const Common common = draw_common(truth, correlation, random);
    for (int i = 0; i < sizes[g]; ++i) {
      const Pair pair = draw_pair(truth, common, random);
      scores.a.push_back(pair.a);
      scores.b.push_back(pair.b);
      if (design.clusters > 0) scores.cluster.push_back(static_cast<int>(g));
      if (design.macro) scores.weight.push_back(n / static_cast<double>(sizes.size()) / sizes[g]);
    }
  }
  return scores;
}

std::string describe(const Design& design) {
  std::string text;
  if (design.clusters == 0) {
    text = fmt::format("{} independent", design.samples);
  } else {
    text = fmt::format("{} in {} {}clusters, correlation {}", design.samples, design.clusters,
                       design.unequal ? "unequal " : "", design.correlation);
  }
  return design.macro ? text + ", macro" : text;
}

std::string describe(const Truth& truth) {
  switch (truth.law) {
    case Law::kBinary:
      return fmt::format("0/1, {:g} % differ, difference {:g}", 100 * truth.spread, 100 * truth.difference);
    case Law::kRepeats:
      return fmt::format("shares of four, difference {:g}", 100 * truth.difference);
    case Law::kNormal:
      return fmt::format("normal, difference {:g}, sd {:g}", 100 * truth.difference, 100 * truth.spread);
    case Law::kSkewed:
      return fmt::format("exponential, difference {:g}, sd {:g}", 100 * truth.difference, 100 * truth.spread);
  }
  return {};
}

}  // namespace assay::simulate
