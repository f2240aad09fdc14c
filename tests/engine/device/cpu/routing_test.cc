#include "engine/device/cpu/routing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>

#include "base/error.h"
#include "tests/engine/device/cpu/vector_levels.h"

namespace assay::engine {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

int expert_of(const CpuRouting& routing, int experts, int place) {
  int expert = 0;
  while (expert + 1 < experts && routing.first_place(expert + 1) <= place) ++expert;
  return expert;
}

struct ChoiceCase {
  std::vector<float> logits;
  std::vector<int> experts;    // best first
  std::vector<float> weights;  // NaN expected where it is NaN
};

TEST(Routing, OfOneRow) {
  const float third = static_cast<float>(1 / (1 + std::exp(1.0) + std::exp(2.0)));
  const std::vector<ChoiceCase> cases = {
      {{0, 5}, {1}, {1}},
      {{1, 1}, {0}, {1}},  // the first of equal ones
      {{0, 2, 2, 2}, {1, 2}, {0.5F, 0.5F}},
      {{0.0F, -0.0F, 0.0F}, {0, 1, 2}, {1.0F / 3, 1.0F / 3, 1.0F / 3}},
      {{1, 3, 2}, {1, 2, 0}, {third * std::exp(2.0F), third * std::exp(1.0F), third}},
      {{100, -100, 0}, {0, 2}, {1, 0}},
      {{-3e38F, 3e38F}, {1, 0}, {1, 0}},
      {{-kInfinity, 1, -kInfinity}, {1, 0}, {1, 0}},
      {{1, kNan, 7, 0}, {0, 1}, {kNan, kNan}},  // a row with a NaN is NaN whatever it chooses
      {{kNan}, {0}, {kNan}},
      {{0, kInfinity}, {1, 0}, {kNan, kNan}},
      {{-kInfinity, -kInfinity}, {0}, {kNan}},
  };
  ThreadPool pool(1);
  for (const ChoiceCase& test : cases) {
    for (const NamedLevel& level : vector_levels()) {
      const int experts = static_cast<int>(test.logits.size());
      const int choices = static_cast<int>(test.experts.size());
      const CpuRouting routing(pool, *level.ops, test.logits.data(), {0, 1}, experts, choices);
      SCOPED_TRACE(::testing::PrintToString(test.logits) + level.name);
      for (int c = 0; c < choices; ++c) {
        const size_t i = static_cast<size_t>(c);
        EXPECT_EQ(expert_of(routing, experts, routing.place(0, c)), test.experts[i]);
        if (std::isnan(test.weights[i])) {
          EXPECT_TRUE(std::isnan(routing.weight(0, c))) << c;
        } else {
          EXPECT_NEAR(routing.weight(0, c), test.weights[i], 2e-7);
        }
      }
    }
  }
}

TEST(Routing, PlacesStandByExpertGeneratedRowsFirst) {
  constexpr int kExperts = 4;
  // Best two of each row: (2, 0), (3, 2), (2, 1), (0, 2).
  const std::vector<float> logits{1, 0, 2, -1, 0, -1, 1, 2, 0, 1, 2, -1, 2, -1, 1, 0};
  ThreadPool pool(1);
  const CpuRouting routing(pool, kVectorOpsScalar, logits.data(), {1, 3}, kExperts, 2);
  const int firsts[] = {0, 2, 3, 7};
  const int generated[] = {1, 0, 1, 0};
  const int prompt[] = {1, 1, 3, 1};
  for (int e = 0; e < kExperts; ++e) {
    EXPECT_EQ(routing.first_place(e), firsts[e]) << e;
    EXPECT_EQ(routing.places(e).generated, generated[e]) << e;
    EXPECT_EQ(routing.places(e).prompt, prompt[e]) << e;
  }
  const std::span<const int> rows = routing.place_rows();
  EXPECT_EQ(std::vector<int>(rows.begin(), rows.end()), (std::vector<int>{0, 3, 2, 0, 1, 2, 3, 1}));
}

TEST(Routing, RefusesMoreChoicesThanExperts) {
  ThreadPool pool(1);
  const std::vector<float> logits(4);
  for (int choices : {-1, 0, 5}) {
    EXPECT_THROW(CpuRouting(pool, kVectorOpsScalar, logits.data(), {0, 1}, 4, choices), Error);
  }
}

struct Mixed {
  std::vector<float> out;
  std::vector<float> weights;
};

// Each place's output is its input times one more than its expert's number.
Mixed mix(ThreadPool& pool, const VectorOps& ops, const float* logits, const float* x, RowCount rows, int experts,
          int choices, int cols) {
  const CpuRouting routing(pool, ops, logits, rows, experts, choices);
  const size_t n = static_cast<size_t>(rows.total() * cols);
  std::vector<float> places(n * static_cast<size_t>(choices));
  gather_places(pool, x, cols, routing, places.data());
  for (size_t i = 0; i < places.size(); ++i) {
    places[i] *= static_cast<float>(1 + expert_of(routing, experts, static_cast<int>(i) / cols));
  }
  Mixed mixed{std::vector<float>(x, x + n), {}};
  combine_places(pool, places.data(), cols, routing, mixed.out.data());
  for (int row = 0; row < rows.total(); ++row) {
    for (int c = 0; c < choices; ++c) mixed.weights.push_back(routing.weight(row, c));
  }
  return mixed;
}

TEST(Routing, MixesAsTheDefinitionSaysAndAllLevelsAgree) {
  struct Case {
    int rows, experts, choices, cols;
  };
  size_t compared = 0;
  for (const Case& c : {Case{1, 1, 1, 3}, {7, 4, 2, 33}, {40, 8, 2, 64}, {40, 60, 8, 16}, {300, 16, 16, 5}}) {
    const std::vector<float> logits = random_floats(static_cast<size_t>(c.rows * c.experts), 41, 2);
    const std::vector<float> x = random_floats(static_cast<size_t>(c.rows * c.cols), 42);
    ThreadPool pool(2);
    const Mixed oracle =
        mix(pool, kVectorOpsScalar, logits.data(), x.data(), {0, c.rows}, c.experts, c.choices, c.cols);
    for (int row = 0; row < c.rows; ++row) {
      std::vector<std::pair<double, int>> order;  // of descending logits
      for (int e = 0; e < c.experts; ++e) order.push_back({-double{logits[row * c.experts + e]}, e});
      std::sort(order.begin(), order.end());
      double sum = 0;
      double factor = 0;
      for (int i = 0; i < c.choices; ++i) sum += std::exp(order[0].first - order[i].first);
      for (int i = 0; i < c.choices; ++i) {
        factor += std::exp(order[0].first - order[i].first) / sum * (1 + order[i].second);
      }
      for (int col = 0; col < c.cols; ++col) {
        const double value = x[row * c.cols + col];
        ASSERT_NEAR(oracle.out[row * c.cols + col], value * (1 + factor), 1e-6 * (1 + std::abs(value) * factor));
        ++compared;
      }
    }
    for (const NamedLevel& level : vector_levels()) {
      const Mixed got = mix(pool, *level.ops, logits.data(), x.data(), {0, c.rows}, c.experts, c.choices, c.cols);
      EXPECT_EQ(different_bits(got.out, oracle.out), 0U) << level.name;
      EXPECT_EQ(different_bits(got.weights, oracle.weights), 0U) << level.name;
    }
  }
  std::cout << compared << " values\n";
}

TEST(BatchInvariance, RoutedRows) {
  constexpr int kRows = 90, kExperts = 8, kCols = 100;
  std::vector<float> logits = random_floats(kRows * kExperts, 43);
  logits[3] = kNan;  // row 0 disturbs no other
  const std::vector<float> x = random_floats(kRows * kCols, 44);
  size_t compared = 0;
  for (const NamedLevel& level : vector_levels()) {
    for (int threads : {1, 2}) {
      ThreadPool pool(threads);
      for (int generated : {0, 17, kRows}) {
        const Mixed all =
            mix(pool, *level.ops, logits.data(), x.data(), {generated, kRows - generated}, kExperts, 2, kCols);
        for (int row = 1; row < kRows; ++row) {
          const Mixed alone =
              mix(pool, *level.ops, logits.data() + row * kExperts, x.data() + row * kCols, {0, 1}, kExperts, 2, kCols);
          const auto first = all.out.begin() + row * kCols;
          EXPECT_EQ(different_bits(alone.out, {first, first + kCols}), 0U) << level.name << " row " << row;
          compared += kCols;
        }
      }
    }
  }
  std::cout << compared << " values\n";
}

}  // namespace
}  // namespace assay::engine
