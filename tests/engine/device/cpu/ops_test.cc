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
  for (size_t i = 0; i < x.size(); ++i) worst = std::max(worst, ulps(got[i], std::exp(double{x[i]})));
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

TEST(RmsNorm, AddedToWhatIsThere) {
  ThreadPool pool(1);
  for (int dim : kWidths) {
    const int rows = 3;
    const std::vector<float> x = random_floats(static_cast<size_t>(rows * dim), 11, 3);
    const std::vector<float> weight = random_floats(static_cast<size_t>(dim), 12);
    const std::vector<float> stream = random_floats(x.size(), 13);
    std::vector<float> normed(x.size());
    rms_norm(pool, kVectorOpsScalar, x.data(), rows, dim, weight.data(), 1e-5F, normed.data());
    std::vector<float> expected = stream;  // the norm is rounded, then added once
    for (size_t i = 0; i < x.size(); ++i) expected[i] += normed[i];
    for (const NamedLevel& level : vector_levels()) {
      std::vector<float> out = stream;
      rms_norm_and_add(pool, *level.ops, x.data(), rows, dim, weight.data(), 1e-5F, out.data());
      EXPECT_EQ(different_bits(out, expected), 0U) << level.name << " " << dim;
    }
  }
}

// Blocks of a row are rows of their own, and what lies around them stays.
TEST(RmsNorm, OfBlocksOfARow) {
  struct Case {
    int cols, first, blocks, dim;
  };
  ThreadPool pool(2);
  for (const Case& c : {Case{7, 2, 1, 3}, {64, 0, 4, 16}, {100, 24, 3, 24}, {192, 64, 2, 64}, {33, 33, 0, 8}}) {
    const int rows = 5;
    const std::vector<float> x = random_floats(static_cast<size_t>(rows * c.cols), 14, 3);
    const std::vector<float> weight = random_floats(static_cast<size_t>(c.dim), 15);
    std::vector<float> expected = x;
    for (int row = 0; row < rows; ++row) {
      float* first = expected.data() + row * c.cols + c.first;
      rms_norm(pool, kVectorOpsScalar, first, c.blocks, c.dim, weight.data(), 1e-6F, first);
    }
    for (const NamedLevel& level : vector_levels()) {
      std::vector<float> out = x;
      rms_norm_blocks(pool, *level.ops, out.data() + c.first, rows, static_cast<size_t>(c.cols), c.blocks, c.dim,
                      weight.data(), 1e-6F);
      EXPECT_EQ(different_bits(out, expected), 0U) << level.name << " " << c.cols;
    }
  }
}

// A NaN or an infinity of a row shows in that row alone.
TEST(RmsNorm, SpecialValuesStayInTheirRow) {
  ThreadPool pool(1);
  const std::vector<float> weight(20, 1.0F);
  for (float special : {kNan, kInfinity, -kInfinity}) {
    std::vector<float> x(60, 1.0F);
    x[25] = special;
    for (const NamedLevel& level : vector_levels()) {
      std::vector<float> added(60, 1.0F);
      rms_norm_and_add(pool, *level.ops, x.data(), 3, 20, weight.data(), 0, added.data());
      std::vector<float> blocks = x;
      rms_norm_blocks(pool, *level.ops, blocks.data(), 3, 20, 2, 10, weight.data(), 0);
      for (size_t i = 0; i < 60; ++i) {
        EXPECT_TRUE(i / 20 == 1 || added[i] == 2) << level.name << " " << i;
        EXPECT_TRUE(i / 10 == 2 || blocks[i] == 1) << level.name << " " << i;
      }
      EXPECT_TRUE(std::isnan(added[25])) << level.name;
      EXPECT_TRUE(std::isnan(blocks[25])) << level.name;
    }
  }
}

TEST(AddBias, ToEveryRow) {
  ThreadPool pool(2);
  for (int cols : {1, 5, 33, 2048}) {
    const int rows = 11;
    std::vector<float> x = random_floats(static_cast<size_t>(rows * cols), 16);
    const std::vector<float> bias = random_floats(static_cast<size_t>(cols), 17);
    std::vector<float> expected = x;
    for (int i = 0; i < rows * cols; ++i) expected[i] += bias[i % cols];
    add_bias(pool, x.data(), rows, cols, bias.data());
    EXPECT_EQ(different_bits(x, expected), 0U) << cols;
  }
}

// Every row of an operation has the bits that it has alone, for any number of rows and threads.
TEST(BatchInvariance, RowsOfNormActivationAndSoftCap) {
  const int dim = 600;
  const int rows = 101;
  const size_t n = static_cast<size_t>(rows * dim);
  const std::vector<float> x = random_floats(2 * n, 4);
  const std::vector<float> weight = random_floats(static_cast<size_t>(dim), 5);
  ThreadPool one(1);
  ThreadPool two(2);
  size_t compared = 0;
  for (const NamedLevel& level : vector_levels()) {
    // The operations on rows `first` .. `first + count - 1`.
    struct Results {
      std::vector<float> norm, added, blocks, silu, gelu, capped;
    };
    const auto run = [&](ThreadPool& pool, int first, int count, Results& to) {
      const float* from = x.data() + first * dim;
      const int at = first * dim;
      rms_norm(pool, *level.ops, from, count, dim, weight.data(), 1e-5F, &to.norm[at]);
      rms_norm_and_add(pool, *level.ops, from, count, dim, weight.data(), 1e-5F, &to.added[at]);
      rms_norm_blocks(pool, *level.ops, &to.blocks[at], count, dim, 6, 100, weight.data(), 1e-5F);
      const float* gate_up = x.data() + 2 * first * dim;
      activate_and_multiply(pool, *level.ops, gate_up, count, dim, Activation::kSilu, &to.silu[at]);
      activate_and_multiply(pool, *level.ops, gate_up, count, dim, Activation::kGeluTanh, &to.gelu[at]);
      soft_cap(pool, *level.ops, &to.capped[at], count, dim, 2);
    };
    const std::vector<float> rows_of_x(x.begin(), x.begin() + static_cast<ptrdiff_t>(n));
    const Results start{rows_of_x, rows_of_x, rows_of_x, rows_of_x, rows_of_x, rows_of_x};
    Results alone = start;
    for (int row = 0; row < rows; ++row) run(one, row, 1, alone);
    for (ThreadPool* pool : {&one, &two}) {
      Results together = start;
      run(*pool, 0, rows, together);
      for (const auto& part :
           {&Results::norm, &Results::added, &Results::blocks, &Results::silu, &Results::gelu, &Results::capped}) {
        EXPECT_EQ(different_bits(together.*part, alone.*part), 0U) << level.name;
        compared += n;
      }
    }
  }
  std::cout << compared << " values\n";
}

TEST(Embed, ReadsRowsRoundsInBf16AndScales) {
  ThreadPool pool(2);
  const auto read = [](int row, float* out) {
    for (int i = 0; i < 3; ++i) out[i] = static_cast<float>(row) + 0.001F * static_cast<float>(i);
  };
  const std::vector<TokenId> ids{4, 0, 4};
  std::vector<float> out(9);
  embed(pool, CpuTable(5, 3, DataType::kF32, read), ids, 1, out.data());
  EXPECT_EQ(out, (std::vector<float>{4, 4.001F, 4.002F, 0, 0.001F, 0.002F, 4, 4.001F, 4.002F}));
  embed(pool, CpuTable(5, 3, DataType::kBf16, read), ids, 1, out.data());
  EXPECT_EQ(out[1], 4);
  EXPECT_EQ(out[4], 0.00099945068359375F);
  // Rounded first, as the table's bf16 is what the file has; the scale is f32.
  embed(pool, CpuTable(5, 3, DataType::kBf16, read), ids, 3.1F, out.data());
  EXPECT_EQ(out[4], 0.00099945068359375F * 3.1F);
  embed(pool, CpuTable(5, 3, DataType::kF32, read), ids, 3.1F, out.data());
  EXPECT_EQ(out[1], 4.001F * 3.1F);
  for (TokenId bad : {-1, 5, 1 << 30}) {
    EXPECT_THROW(embed(pool, CpuTable(5, 3, DataType::kF32, read), std::vector<TokenId>{bad}, 1, out.data()), Error);
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
