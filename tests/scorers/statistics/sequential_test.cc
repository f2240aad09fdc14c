// The sequential gate against a direct product of bets, and the properties that its validity stands on.
#include "scorers/statistics/sequential.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

#include "base/error.h"

namespace assay::scorers {
namespace {

using Values = std::vector<double>;
using Clusters = std::vector<int>;

struct Data {
  Values a;
  Values b;
  Clusters cluster;
  Values weight;

  PairedScores independent() const { return {a, b}; }
  PairedScores whole() const { return {a, b, cluster, weight}; }
};

Data some_data(size_t n, double loss, bool shares) {
  std::mt19937 random(11);
  Data data;
  for (size_t i = 0; i < n; ++i) {
    const double u = static_cast<double>(random()) / 4294967296.0;
    const double v = static_cast<double>(random()) / 4294967296.0;
    data.a.push_back(shares ? u : std::round(u));
    data.b.push_back(v < loss ? 0 : data.a.back());
    data.cluster.push_back(static_cast<int>(i / 3));
    data.weight.push_back(1 + static_cast<double>(i % 4));
  }
  return data;
}

// 1 over the mean of Π(1 + λx/(1+δ)) over the stakes, multiplied out as the header says. `sign` -1: mirrored.
double direct_p(const PairedScores& s, double sign, double delta) {
  std::vector<double> sums;
  std::vector<double> weights;
  for (size_t i = 0; i < s.a.size(); ++i) {
    const size_t g = s.cluster.empty() ? i : static_cast<size_t>(s.cluster[i]);
    sums.resize(std::max(sums.size(), g + 1));
    weights.resize(sums.size());
    const double w = s.weight.empty() ? 1 : s.weight[i];
    sums[g] += sign * w * (s.b[i] - s.a[i]);
    weights[g] += w;
  }
  const double largest = *std::max_element(weights.begin(), weights.end());
  double wealth = 0;
  for (int k = 0; k < 16; ++k) {
    double product = 1;
    for (size_t g = 0; g < sums.size(); ++g) {
      product *= 1 + std::pow(2, -k / 2.0) * (sums[g] - weights[g] * delta) / largest / (1 + delta);
    }
    wealth += product / 16;
  }
  return std::min(1.0, 1 / wealth);
}

TEST(SequentialGate, EqualsADirectProduct) {
  int compared = 0;
  for (const bool shares : {false, true}) {
    for (const double loss : {0.0, 0.05, 0.3}) {
      const Data data = some_data(150, loss, shares);
      for (const PairedScores& scores : {data.independent(), data.whole()}) {
        for (const double margin : {0.0, 0.02, 0.2}) {
          const SequentialGate gate = sequential_gate(scores, {margin});
          EXPECT_NEAR(gate.p_not_worse, direct_p(scores, 1, -margin), 1e-10);
          EXPECT_NEAR(gate.p_inferior, direct_p(scores, -1, margin), 1e-10);
          EXPECT_EQ(gate.p_not_worse<0.05, gate.limits.low> - margin);
          EXPECT_EQ(gate.p_inferior < 0.05, gate.limits.high < -margin);
          EXPECT_NEAR(direct_p(scores, 1, gate.limits.low), 0.05, 1e-9);
          compared += 2;
        }
      }
    }
  }
  fmt::print("{} p-values equal the direct product\n", compared);
}

TEST(SequentialGate, OrderChangesNothing) {
  const Data data = some_data(90, 0.1, true);
  std::vector<size_t> order(90);
  std::iota(order.begin(), order.end(), size_t{0});
  std::shuffle(order.begin(), order.end(), std::mt19937(2));
  Data shuffled;
  for (const size_t i : order) {
    shuffled.a.push_back(data.a[i]);
    shuffled.b.push_back(data.b[i]);
    shuffled.cluster.push_back(data.cluster[i]);
    shuffled.weight.push_back(data.weight[i]);
  }
  const SequentialGate one = sequential_gate(data.whole(), {0.05});
  const SequentialGate other = sequential_gate(shuffled.whole(), {0.05});
  EXPECT_NEAR(one.p_not_worse, other.p_not_worse, 1e-12);
  EXPECT_NEAR(one.p_inferior, other.p_inferior, 1e-12);
  EXPECT_NEAR(one.limits.low, other.limits.low, 1e-12);
}

// What Ville's inequality needs: for every outcome law of mean 0 the mean factor is 1. Over all triples of a law on
// {-1, 0, 1} with difference -margin the mean wealth is 1, in both directions.
TEST(SequentialGate, TheMeanWealthIsOneOnTheMargin) {
  const double margin = 0.1;
  const double share_a = 0.25;
  const double share_b = 0.15;
  double not_worse = 0;
  double inferior = 0;
  for (int outcome = 0; outcome < 27; ++outcome) {
    Values a;
    Values b;
    double weight = 1;
    for (int i = 0, rest = outcome; i < 3; ++i, rest /= 3) {
      const int d = rest % 3 - 1;
      a.push_back(d < 0 ? 1 : 0);
      b.push_back(d > 0 ? 1 : 0);
      weight *= d < 0 ? share_a : d > 0 ? share_b : 1 - share_a - share_b;
    }
    // Below a wealth of 1 the p-value hides it: read it from the product.
    const auto wealth = [&](double sign, double delta) {
      double sum = 0;
      for (int k = 0; k < 16; ++k) {
        double product = 1;
        for (size_t i = 0; i < 3; ++i) {
          product *= 1 + std::pow(2, -k / 2.0) * (sign * (b[i] - a[i]) - delta) / (1 + delta);
        }
        EXPECT_GE(product, 0);
        sum += product / 16;
      }
      return sum;
    };
    const double up = wealth(1, -margin);
    const double down = wealth(-1, margin);
    const SequentialGate gate = sequential_p_values({a, b}, {margin});
    EXPECT_NEAR(gate.p_not_worse, std::min(1.0, 1 / up), 1e-12);
    EXPECT_NEAR(gate.p_inferior, std::min(1.0, 1 / down), 1e-12);
    EXPECT_TRUE(std::isnan(gate.limits.low));
    not_worse += weight * up;
    inferior += weight * down;
  }
  EXPECT_NEAR(not_worse, 1, 1e-12);
  EXPECT_NEAR(inferior, 1, 1e-12);
}

TEST(SequentialGate, FiftyThousandSamplesDoNotOverflow) {
  const Data good = some_data(50'000, 0, false);
  const SequentialGate same = sequential_gate(good.independent(), {0.05});
  EXPECT_EQ(same.p_inferior, 1);
  EXPECT_LT(same.p_not_worse, 1e-300);
  EXPECT_GT(same.limits.low, -0.001);
  EXPECT_LT(same.limits.high, 0.001);
  const Data bad = some_data(50'000, 0.4, false);
  const SequentialGate worse = sequential_gate(bad.independent(), {0.05});
  EXPECT_LT(worse.p_inferior, 1e-100);
  EXPECT_EQ(worse.p_not_worse, 1);
  EXPECT_LT(worse.limits.high, -0.18);
  EXPECT_GT(worse.limits.low, -0.22);
}

TEST(SequentialGate, ALargerClusterToComeMakesBetsSmaller) {
  const Data data = some_data(300, 0, false);
  const PairedScores scores{data.a, data.b, data.cluster};
  EXPECT_EQ(sequential_gate(scores, {0.05}, 3).p_not_worse, sequential_gate(scores, {0.05}).p_not_worse);
  EXPECT_GT(sequential_gate(scores, {0.05}, 12).p_not_worse, sequential_gate(scores, {0.05}, 3).p_not_worse);
}

TEST(SequentialGate, OneSampleSaysNothingAndBadInputIsRefused) {
  const SequentialGate one = sequential_gate({Values{1}, Values{1}}, {0.02});
  EXPECT_GT(one.p_not_worse, 0.9);
  EXPECT_LT(one.limits.low, -0.9);
  EXPECT_GT(one.limits.high, 0.9);
  const Values ok = {0, 1};
  const double nan = std::nan("");
  EXPECT_THROW(sequential_gate({}, {0.02}), Error);
  EXPECT_THROW(sequential_gate({ok, Values{1}}, {0.02}), Error);
  EXPECT_THROW(sequential_gate({ok, Values{0, 1.5}}, {0.02}), Error);
  EXPECT_THROW(sequential_gate({Values{-0.1, 1}, ok}, {0.02}), Error);
  EXPECT_THROW(sequential_gate({ok, Values{0, nan}}, {0.02}), Error);
  EXPECT_THROW(sequential_gate({ok, ok, Clusters{1}}, {0.02}), Error);
  EXPECT_THROW(sequential_gate({ok, ok, {}, Values{1, 0}}, {0.02}), Error);
  EXPECT_THROW(sequential_gate({ok, ok, Clusters{1, 1}}, {0.02}, 1), Error);
  for (const double margin : {-0.1, 1.0, nan}) EXPECT_THROW(sequential_gate({ok, ok}, {margin}), Error);
  for (const double alpha : {0.0, 0.5, nan}) EXPECT_THROW(sequential_gate({ok, ok}, {0.1, alpha}), Error);
}

}  // namespace
}  // namespace assay::scorers
