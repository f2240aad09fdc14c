#include "engine/device/cpu/ops.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <iostream>
#include <limits>

#include "base/error.h"
#include "engine/device/cpu/cpu_features.h"
#include "tests/engine/device/cpu/vector_levels.h"

namespace assay::engine {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Rows of every remainder of a vector, and those of real models.
const std::vector<int> kWidths{1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 100, 576, 1536, 2047};

double relative_difference(const std::vector<float>& got, const std::vector<double>& expected) {
  double largest = 0;
  double scale = 1e-30;
  for (double value : expected) scale = std::max(scale, std::abs(value));
  for (size_t i = 0; i < expected.size(); ++i) largest = std::max(largest, std::abs(got[i] - expected[i]));
  return largest / scale;
}

// exp of nonpositive floats as sum_of_exp computes it.
std::vector<float> exponentials(const VectorOps& ops, const std::vector<float>& x) {
  std::vector<float> terms(x.size());
  ops.sum_of_exp(x.data(), static_cast<int>(x.size()), 0, 1, terms.data());
  return terms;
}

TEST(VectorLevels, Avx2RunsHere) {
  if (!cpu_features().avx2) GTEST_SKIP() << "this processor has no AVX2: its arithmetic is not tested";
  EXPECT_EQ(vector_levels()[2].name, "avx2");
}

TEST(VectorLevels, Avx512RunsHere) {
  if (!cpu_features().avx512) {
    GTEST_SKIP() << "this processor has no AVX-512: its tiles are tested in plain C++, its instructions are not";
  }
  EXPECT_EQ(vector_levels().back().name, "avx512");
}

TEST(VectorExp, WithinOneUlpOfDoubleOverItsWholeRange) {
  std::vector<float> x;
  const uint32_t last = std::bit_cast<uint32_t>(-87.3365402F);
  for (uint32_t bits = 0x80000000; bits <= last; bits += 1009) x.push_back(std::bit_cast<float>(bits));
  const std::vector<float> got = exponentials(best_level(), x);
  double worst = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double expected = std::exp(double{x[i]});
    const float rounded = static_cast<float>(expected);
    const double ulp = double{std::nextafter(rounded, kInfinity)} - double{rounded};
    worst = std::max(worst, std::abs(double{got[i]} - expected) / ulp);
  }
  std::cout << x.size() << " arguments, worst " << worst << " ulp\n";
  EXPECT_GT(x.size(), 1000000U);
  EXPECT_LE(worst, 1.0);
}

TEST(VectorExp, EdgesAreExactAndLevelsAgree) {
  const std::vector<float> x{0.0F, -0.0F, -1e-30F, -87.4F, -1000.0F, -1e38F, -kInfinity};
  std::vector<float> ramp;
  for (int i = 0; i < 20001; ++i) ramp.push_back(static_cast<float>(-i) * 0.0047F);
  const std::vector<float> oracle = exponentials(kVectorOpsScalar, ramp);
  for (const NamedLevel& level : vector_levels()) {
    EXPECT_EQ(exponentials(*level.ops, x), (std::vector<float>{1, 1, 1, 0, 0, 0, 0})) << level.name;
    EXPECT_TRUE(std::isnan(exponentials(*level.ops, {kNan})[0])) << level.name;
    EXPECT_EQ(different_bits(exponentials(*level.ops, ramp), oracle), 0U) << level.name;
  }
}

TEST(RmsNorm, EqualsDoubleAndAllLevelsAgree) {
  ThreadPool pool(1);
  size_t compared = 0;
  for (int dim : kWidths) {
    const int rows = 3;
    const std::vector<float> x = random_floats(static_cast<size_t>(rows * dim), 1, 3);
    const std::vector<float> weight = random_floats(static_cast<size_t>(dim), 2);
    std::vector<double> expected;
    for (int row = 0; row < rows; ++row) {
      double sum = 0;
      for (int i = 0; i < dim; ++i) sum += double{x[row * dim + i]} * x[row * dim + i];
      const double factor = 1 / std::sqrt(sum / dim + 1e-5);
      for (int i = 0; i < dim; ++i) expected.push_back(x[row * dim + i] * factor * weight[i]);
    }
    std::vector<float> oracle(x.size());
    rms_norm(pool, kVectorOpsScalar, x.data(), rows, dim, weight.data(), 1e-5F, oracle.data());
    EXPECT_LT(relative_difference(oracle, expected), 1e-6) << dim;
    for (const NamedLevel& level : vector_levels()) {
      std::vector<float> in_place = x;
      rms_norm(pool, *level.ops, in_place.data(), rows, dim, weight.data(), 1e-5F, in_place.data());
      EXPECT_EQ(different_bits(in_place, oracle), 0U) << level.name << " " << dim;
      compared += in_place.size();
    }
  }
  std::cout << compared << " values\n";
}

TEST(Silu, EqualsDoubleAndAllLevelsAgree) {
  ThreadPool pool(1);
  for (int dim : kWidths) {
    std::vector<float> gate_up = random_floats(static_cast<size_t>(4 * dim), 3, 20);
    gate_up[0] = -200;  // exp(200) would overflow
    std::vector<double> expected;
    for (int row = 0; row < 2; ++row) {
      for (int i = 0; i < dim; ++i) {
        const double gate = gate_up[row * 2 * dim + i];
        expected.push_back(gate / (1 + std::exp(-gate)) * gate_up[row * 2 * dim + dim + i]);
      }
    }
    std::vector<float> oracle(expected.size());
    silu_and_multiply(pool, kVectorOpsScalar, gate_up.data(), 2, dim, oracle.data());
    for (size_t i = 0; i < expected.size(); ++i) {
      EXPECT_NEAR(oracle[i], expected[i], 4e-7 * std::abs(expected[i]) + 1e-30) << dim;
    }
    for (const NamedLevel& level : vector_levels()) {
      std::vector<float> out(expected.size());
      silu_and_multiply(pool, *level.ops, gate_up.data(), 2, dim, out.data());
      EXPECT_EQ(different_bits(out, oracle), 0U) << level.name << " " << dim;
    }
  }
}

TEST(Silu, InfinityAndNan) {
  ThreadPool pool(1);
  const std::vector<float> gate_up{kInfinity, kNan, -kInfinity, 0, 1, 1, 1, 1};
  for (const NamedLevel& level : vector_levels()) {
    std::vector<float> out(4);
    silu_and_multiply(pool, *level.ops, gate_up.data(), 1, 4, out.data());
    EXPECT_EQ(out[0], kInfinity) << level.name;
    EXPECT_TRUE(std::isnan(out[1])) << level.name;
    EXPECT_EQ(out[3], 0) << level.name;
  }
}

// Every row of an operation has the bits that it has alone, for any number of rows and threads.
TEST(BatchInvariance, RowsOfNormAndActivation) {
  const int dim = 600;
  const int rows = 101;
  const std::vector<float> x = random_floats(static_cast<size_t>(rows * 2 * dim), 4);
  const std::vector<float> weight = random_floats(static_cast<size_t>(dim), 5);
  ThreadPool one(1);
  ThreadPool two(2);
  size_t compared = 0;
  for (const NamedLevel& level : vector_levels()) {
    std::vector<float> alone_norm(static_cast<size_t>(rows * dim));
    std::vector<float> alone_silu(alone_norm.size());
    for (int row = 0; row < rows; ++row) {
      rms_norm(one, *level.ops, x.data() + row * dim, 1, dim, weight.data(), 1e-5F, alone_norm.data() + row * dim);
      silu_and_multiply(one, *level.ops, x.data() + row * 2 * dim, 1, dim, alone_silu.data() + row * dim);
    }
    for (ThreadPool* pool : {&one, &two}) {
      std::vector<float> norm(alone_norm.size());
      std::vector<float> silu(alone_norm.size());
      rms_norm(*pool, *level.ops, x.data(), rows, dim, weight.data(), 1e-5F, norm.data());
      silu_and_multiply(*pool, *level.ops, x.data(), rows, dim, silu.data());
      EXPECT_EQ(different_bits(norm, alone_norm), 0U) << level.name;
      EXPECT_EQ(different_bits(silu, alone_silu), 0U) << level.name;
      compared += norm.size() + silu.size();
    }
  }
  std::cout << compared << " values\n";
}

TEST(Embed, ReadsRowsAndRoundsInBf16) {
  ThreadPool pool(2);
  const auto read = [](int row, float* out) {
    for (int i = 0; i < 3; ++i) out[i] = static_cast<float>(row) + 0.001F * static_cast<float>(i);
  };
  const std::vector<TokenId> ids{4, 0, 4};
  std::vector<float> out(9);
  embed(pool, CpuTable(5, 3, DataType::kF32, read), ids, out.data());
  EXPECT_EQ(out, (std::vector<float>{4, 4.001F, 4.002F, 0, 0.001F, 0.002F, 4, 4.001F, 4.002F}));
  embed(pool, CpuTable(5, 3, DataType::kBf16, read), ids, out.data());
  EXPECT_EQ(out[1], 4);
  EXPECT_EQ(out[4], 0.00099945068359375F);
  for (TokenId bad : {-1, 5, 1 << 30}) {
    EXPECT_THROW(embed(pool, CpuTable(5, 3, DataType::kF32, read), std::vector<TokenId>{bad}, out.data()), Error);
  }
}

TEST(GatherRows, CopiesInTheGivenOrder) {
  ThreadPool pool(2);
  const std::vector<float> x{0, 1, 10, 11, 20, 21};
  std::vector<float> out(8);
  gather_rows(pool, x.data(), 2, std::vector<int>{2, 0, 0, 1}, out.data());
  EXPECT_EQ(out, (std::vector<float>{20, 21, 0, 1, 0, 1, 10, 11}));
}

}  // namespace
}  // namespace assay::engine
