// SiLU, the tanh form of GELU and the soft cap: a few ulp from their definitions in f64 over all floats, the same bits
// at every level.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <limits>

#include "engine/device/cpu/ops.h"
#include "tests/engine/device/cpu/vector_levels.h"

namespace assay::engine {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// exp(-87.3) is the smallest that the exponential gives; what is below it is 0 here and some 1e-37 in f64.
constexpr double kVanishes = 1e-35;

struct Named {
  const char* name;
  Activation activation;
};
constexpr Named kActivations[] = {{"silu", Activation::kSilu}, {"gelu", Activation::kGeluTanh}};

// x times the logistic function: of x, or of 2 y for (1 + tanh(y)) / 2, whose sum would cancel.
double by_definition(Activation activation, double x) {
  const double y =
      activation == Activation::kSilu ? x : 2 * std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x);
  return x / (1 + std::exp(-y));
}

std::vector<float> activate(const VectorOps& ops, Activation activation, const std::vector<float>& gate_up) {
  ThreadPool pool(1);
  std::vector<float> out(gate_up.size() / 2);
  activate_and_multiply(pool, ops, gate_up.data(), 1, static_cast<int>(out.size()), activation, out.data());
  return out;
}

TEST(Activation, AFewUlpOfDoubleOverAllFloats) {
  for (const auto& [name, activation] : kActivations) {
    std::vector<float> x = floats_up_to(1e30F, 4001);
    const size_t n = x.size();
    x.resize(2 * n, 1.0F);
    const std::vector<float> got = activate(best_level(), activation, x);
    double worst = 0;
    for (size_t i = 0; i < n; ++i) {
      const double expected = by_definition(activation, x[i]);
      if (std::abs(expected) > kVanishes) {
        worst = std::max(worst, ulps(got[i], expected));
      } else {
        EXPECT_NEAR(got[i], expected, kVanishes) << name << " of " << x[i];
      }
    }
    std::cout << name << ": " << n << " arguments, worst " << worst << " ulp\n";
    EXPECT_GT(n, 400000U);
    EXPECT_LE(worst, 4) << name;
  }
}

TEST(Activation, TimesUpAtEveryWidthAndAllLevelsAgree) {
  ThreadPool pool(1);
  size_t compared = 0;
  for (const auto& [name, activation] : kActivations) {
    for (int dim : kWidths) {
      const std::vector<float> gate_up = random_floats(static_cast<size_t>(4 * dim), 3, 8);
      std::vector<float> oracle(static_cast<size_t>(2 * dim));
      activate_and_multiply(pool, kVectorOpsScalar, gate_up.data(), 2, dim, activation, oracle.data());
      for (int i = 0; i < 2 * dim; ++i) {
        const float* gate = gate_up.data() + i / dim * 2 * dim + i % dim;
        const double expected = by_definition(activation, gate[0]) * gate[dim];
        EXPECT_NEAR(oracle[i], expected, 4e-7 * std::abs(expected) + kVanishes) << name << " " << dim;
      }
      for (const NamedLevel& level : vector_levels()) {
        std::vector<float> out(oracle.size());
        activate_and_multiply(pool, *level.ops, gate_up.data(), 2, dim, activation, out.data());
        EXPECT_EQ(different_bits(out, oracle), 0U) << level.name << " " << name << " " << dim;
        compared += out.size();
      }
    }
  }
  std::cout << compared << " values\n";
}

TEST(Activation, InfinityAndNan) {
  for (const auto& [name, activation] : kActivations) {
    for (const NamedLevel& level : vector_levels()) {
      const std::vector<float> out =
          activate(*level.ops, activation, {kInfinity, kNan, -kInfinity, 0, -0.0F, -200, 3e38F, 1, 1, 1, 1, 1, 1, 1});
      EXPECT_EQ(out[0], kInfinity) << name << " " << level.name;
      EXPECT_TRUE(std::isnan(out[1])) << name << " " << level.name;
      EXPECT_TRUE(std::isnan(out[2])) << "-infinity times 0; " << name << " " << level.name;
      EXPECT_EQ(out[3], 0) << name << " " << level.name;
      EXPECT_EQ(out[4], 0) << name << " " << level.name;
      EXPECT_EQ(out[5], 0) << name << " " << level.name;
      EXPECT_EQ(out[6], 3e38F) << name << " " << level.name;
    }
  }
}

std::vector<float> capped(const VectorOps& ops, std::vector<float> x, float cap) {
  ThreadPool pool(1);
  soft_cap(pool, ops, x.data(), 1, static_cast<int>(x.size()), cap);
  return x;
}

TEST(SoftCap, AFewUlpOfDoubleOverAllFloats) {
  for (const float cap : {1.0F, 6.0F, 30.0F, 50.0F}) {
    const std::vector<float> x = floats_up_to(1e30F, 9973);
    const std::vector<float> got = capped(best_level(), x, cap);
    double worst = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double expected = double{cap} * std::tanh(double{x[i]} / double{cap});
      if (std::abs(expected) > kVanishes) worst = std::max(worst, ulps(got[i], expected));
      EXPECT_LE(std::abs(got[i]), cap);
    }
    std::cout << "cap " << cap << ": " << x.size() << " arguments, worst " << worst << " ulp\n";
    EXPECT_LE(worst, 4) << cap;
  }
}

TEST(SoftCap, EdgesAreExactAndLevelsAgree) {
  for (int n : kWidths) {
    const std::vector<float> x = random_floats(static_cast<size_t>(n), 6, 40);
    const std::vector<float> oracle = capped(kVectorOpsScalar, x, 30);
    for (const NamedLevel& level : vector_levels()) {
      EXPECT_EQ(different_bits(capped(*level.ops, x, 30), oracle), 0U) << level.name << " " << n;
    }
  }
  for (const NamedLevel& level : vector_levels()) {
    const std::vector<float> got = capped(*level.ops, {kInfinity, -kInfinity, 0, -0.0F, 1e38F, -1e38F, kNan}, 8);
    EXPECT_EQ(std::vector<float>(got.begin(), got.end() - 1), (std::vector<float>{8, -8, 0, 0, 8, -8})) << level.name;
    EXPECT_TRUE(std::isnan(got.back())) << level.name;
  }
}

}  // namespace
}  // namespace assay::engine
