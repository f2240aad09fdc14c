#include "engine/device/cuda/kernels/skinny_linear.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <limits>

#include "tests/engine/device/cuda/elements.h"

namespace assay::engine::cuda {
namespace {

using assay::testing::DeviceBuffer;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

struct Shape {
  int rows, inputs, outputs;
};

// x * W^T, added to `out` where there is one.
std::vector<float> product(Type type, const Shape& shape, const std::vector<float>& x, const std::vector<float>& w,
                           const std::vector<float>& out = {}, int rows_at_once = kMostSkinnyRows) {
  Elements device_x(type, x);
  Elements device_w(type, w);
  const bool add = !out.empty();
  DeviceBuffer<float> device_out(static_cast<size_t>(shape.rows) * static_cast<size_t>(shape.outputs));
  if (add) device_out.upload(out);
  DeviceBuffer<float> scratch(skinny_scratch_floats(shape.rows, shape.inputs, shape.outputs, add));
  skinny_linear(nullptr, type,
                {.w = device_w.data(),
                 .x = device_x.data(),
                 .out = device_out.data(),
                 .scratch = scratch.data(),
                 .rows = shape.rows,
                 .inputs = shape.inputs,
                 .outputs = shape.outputs,
                 .add = add,
                 .rows_at_once = rows_at_once});
  return device_out.download();
}

size_t size(int rows, int cols) {
  return static_cast<size_t>(rows) * static_cast<size_t>(cols);
}

// Visits (row, output, sum of products, sum of their magnitudes), in f64.
template <typename Visit>
void for_each_sum(const Shape& shape, const std::vector<float>& x, const std::vector<float>& w, Visit visit) {
  for (int row = 0; row < shape.rows; ++row) {
    for (int output = 0; output < shape.outputs; ++output) {
      const float* a = x.data() + size(row, shape.inputs);
      const float* b = w.data() + size(output, shape.inputs);
      double sum = 0;
      double magnitudes = 0;
      for (int i = 0; i < shape.inputs; ++i) {
        sum += double{a[i]} * b[i];
        magnitudes += std::abs(double{a[i]} * b[i]);
      }
      visit(size(row, shape.outputs) + static_cast<size_t>(output), sum, magnitudes);
    }
  }
}

// No sum of small whole numbers is ever rounded: one wrong, missing or doubled product shows.
TEST(CudaSkinnyLinear, WholeNumbersAreExact) {
  size_t compared = 0;
  for (const Shape& shape : std::vector<Shape>{{1, 1, 1},
                                               {3, 7, 5},
                                               {2, 48, 48},
                                               {9, 50, 70},
                                               {5, 576, 192},
                                               {8, 1536, 100},
                                               {16, 257, 64},
                                               {20, 129, 40},
                                               {33, 300, 130},
                                               {65, 264, 66},
                                               {130, 264, 70},
                                               {256, 71, 64},
                                               {260, 64, 72},
                                               {1, 14336, 64}}) {
    const std::vector<float> x = random_whole(size(shape.rows, shape.inputs), 1, 5);
    const std::vector<float> w = random_whole(size(shape.outputs, shape.inputs), 2, 3);
    const std::vector<float> before = random_whole(size(shape.rows, shape.outputs), 3, 100);
    std::vector<float> expected(before.size());
    for_each_sum(shape, x, w, [&](size_t at, double sum, double) { expected[at] = static_cast<float>(sum); });
    std::vector<float> expected_added(before.size());
    for (size_t i = 0; i < before.size(); ++i) expected_added[i] = before[i] + expected[i];
    for (const NamedType& type : all_types()) {
      EXPECT_EQ(different_bits(product(type.type, shape, x, w), expected), 0U)
          << type.name << " " << shape.rows << " " << shape.inputs << " " << shape.outputs;
      EXPECT_EQ(different_bits(product(type.type, shape, x, w, before), expected_added), 0U)
          << type.name << " added, " << shape.rows << " " << shape.inputs << " " << shape.outputs;
      compared += 2 * expected.size();
    }
  }
  std::cout << "skinny_linear: " << compared << " exact sums\n";
  EXPECT_GT(compared, 0U);
}

// Tolerance: what a model of a truncating tensor core gave for K = 14336 (1e-6 of the sum of magnitudes), which is less
// than the worst case of K / 4 roundings; a single product that is left out is a hundred times more.
TEST(CudaSkinnyLinear, RoundingIsThatOfF32Sums) {
  for (const NamedType& type : all_types()) {
    Worst worst;
    for (const Shape& shape : {Shape{3, 14336, 48}, Shape{8, 4096, 64}, Shape{40, 575, 33}}) {
      const std::vector<float> x = rounded(type.type, random_normal(size(shape.rows, shape.inputs), 4));
      const std::vector<float> w = rounded(type.type, random_normal(size(shape.outputs, shape.inputs), 5, 0.1F));
      const std::vector<float> got = product(type.type, shape, x, w);
      for_each_sum(shape, x, w,
                   [&](size_t at, double sum, double magnitudes) { worst.see(got[at], sum, 1e-6 * magnitudes); });
    }
    expect_within(worst, "skinny_linear " + type.name);
  }
}

TEST(CudaSkinnyLinear, ARowHasTheSameBitsAmongAnyNumberOfRows) {
  size_t compared = 0;
  for (const NamedType& type : all_types()) {
    if (type.type == Type::kF16) continue;  // the code of bf16
    for (const auto& [inputs, outputs] : {std::pair{776, 40}, {301, 9}}) {
      const std::vector<float> x = random_normal(size(256, inputs), 6);
      const std::vector<float> w = random_normal(size(outputs, inputs), 7);
      const std::vector<float> all = product(type.type, {256, inputs, outputs}, x, w);
      for (int rows : {1, 2, 7, 8, 9, 16, 17, 32, 33, 64, 65, 128, 129}) {
        for (int first : {5, 256 - rows}) {
          if (rows > 33 && first == 5) continue;
          const std::vector<float> some =
              product(type.type, {rows, inputs, outputs}, rows_of(x, inputs, first, rows), w);
          EXPECT_EQ(different_bits(some, rows_of(all, outputs, first, rows)), 0U)
              << type.name << " inputs " << inputs << ", " << rows << " rows from " << first;
          compared += some.size();
        }
      }
    }
  }
  std::cout << "skinny_linear: " << compared << " values of batches of other sizes, 0 differences wanted\n";
  EXPECT_GT(compared, 0U);
}

// Blocks that sum all pieces and blocks that sum one each: adding to zeros asks for the latter.
TEST(CudaSkinnyLinear, PiecesHaveTheSameBitsWhoeverAddsThem) {
  const int outputs = 2 * 132 * 64 + 3;
  const Shape shape{2, 264, outputs};
  ASSERT_EQ(skinny_scratch_floats(shape.rows, shape.inputs, outputs, false), 0U);
  ASSERT_GT(skinny_scratch_floats(shape.rows, shape.inputs, outputs, true), 0U);
  const std::vector<float> x = random_normal(size(shape.rows, shape.inputs), 8);
  const std::vector<float> w = random_normal(size(outputs, shape.inputs), 9);
  const std::vector<float> zeros(size(shape.rows, outputs));
  EXPECT_EQ(product(Type::kBf16, shape, x, w), product(Type::kBf16, shape, x, w, zeros));
}

TEST(CudaSkinnyLinear, WhatIsNotANumberStaysInItsRowAndColumn) {
  const Shape shape{9, 100, 70};
  for (const NamedType& type : all_types()) {
    std::vector<float> x = random_normal(size(shape.rows, shape.inputs), 10);
    std::vector<float> w = random_normal(size(shape.outputs, shape.inputs), 11);
    x[size(3, shape.inputs) + 99] = kNan;
    x[size(8, shape.inputs)] = kInfinity;
    w[size(69, shape.inputs) + 50] = kNan;
    const std::vector<float> got = product(type.type, shape, x, w);
    for (int row = 0; row < shape.rows; ++row) {
      for (int output = 0; output < shape.outputs; ++output) {
        const float value = got[size(row, shape.outputs) + static_cast<size_t>(output)];
        EXPECT_EQ(std::isnan(value), row == 3 || output == 69) << type.name << " " << row << " " << output;
        if (row == 8 && output != 69) {
          EXPECT_TRUE(std::isinf(value));
        }
      }
    }
  }
}

TEST(CudaSkinnyLinear, PiecesAreCutByTheInputsAlone) {
  struct Case {
    int inputs, piece;
  };
  for (const Case& c : std::vector<Case>{{1, 256}, {576, 256}, {1024, 256}, {1025, 320}, {4096, 1024}, {14336, 3584}}) {
    EXPECT_EQ(skinny_piece_inputs(c.inputs), c.piece) << c.inputs;
  }
  EXPECT_EQ(skinny_scratch_floats(7, 4096, 4096, false), size_t{4} * 7 * 4096);
  EXPECT_EQ(skinny_scratch_floats(500, 4096, 4096, true), size_t{4} * 256 * 4096);
  EXPECT_EQ(skinny_scratch_floats(8, 256, 4096, true), 0U);
  EXPECT_EQ(skinny_scratch_floats(8, 4096, 128256, false), 0U);
}

// A device whose blocks have less shared memory takes fewer rows at once.
TEST(CudaSkinnyLinear, ASmallerDeviceGivesTheSameBits) {
  EXPECT_EQ(skinny_rows_at_once(size_t{227} << 10), 256);  // H100, compute capability 9.0
  EXPECT_EQ(skinny_rows_at_once(size_t{163} << 10), 128);  // A100, 8.0
  EXPECT_EQ(skinny_rows_at_once(size_t{99} << 10), 64);    // 8.6, 8.9
  const Shape shape{130, 320, 33};
  const std::vector<float> x = random_normal(size(shape.rows, shape.inputs), 1);
  const std::vector<float> w = random_normal(size(shape.outputs, shape.inputs), 2);
  for (const NamedType& type : all_types()) {
    const std::vector<float> at_once = product(type.type, shape, x, w);
    for (const int rows : {64, 128}) EXPECT_EQ(product(type.type, shape, x, w, {}, rows), at_once) << type.name << rows;
  }
}

}  // namespace
}  // namespace assay::engine::cuda
