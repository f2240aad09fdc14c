#include "engine/device/cuda/kernels/rms_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <limits>

#include "tests/engine/device/cuda/elements.h"

namespace assay::engine::cuda {
namespace {

using assay::testing::DeviceBuffer;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kEps = 1e-5F;

// Added to `before` where there is one.
std::vector<float> run(Type type, const std::vector<float>& x, int dim, const std::vector<float>& weight,
                       const std::vector<float>& before = {}) {
  const DeviceBuffer<float> device_x(x);
  const DeviceBuffer<float> device_weight(weight);
  Elements out = before.empty() ? Elements(type, x.size()) : Elements(type, before);
  rms_norm(nullptr, type,
           {.x = device_x.data(),
            .weight = device_weight.data(),
            .out = out.data(),
            .rows = static_cast<int>(x.size()) / dim,
            .dim = dim,
            .eps = kEps,
            .add = !before.empty()});
  return out.download();
}

double normed(const float* row, int dim, size_t i) {
  double squares = 0;
  for (int j = 0; j < dim; ++j) squares += double{row[j]} * row[j];
  return row[i] / std::sqrt(squares / dim + double{kEps});
}

TEST(CudaRmsNorm, EqualsDouble) {
  for (const NamedType& type : all_types()) {
    Worst worst;
    for (int dim : {1, 5, 8, 48, 100, 576, 2048, 2056, 4096, 5003}) {
      const size_t n = static_cast<size_t>(dim);
      const std::vector<float> x = random_normal(3 * n, 1, 4);
      const std::vector<float> weight = random_normal(n, 2);
      const std::vector<float> got = run(type.type, x, dim, weight);
      const std::vector<float> before = rounded(type.type, random_normal(3 * n, 3));
      const std::vector<float> added = run(type.type, x, dim, weight, before);
      for (size_t i = 0; i < 3 * n; ++i) {
        const double exact = normed(&x[i / n * n], dim, i % n) * double{weight[i % n]};
        // The sum, its root and two products add a few units in the last place.
        const double tolerance = 5e-7 * std::abs(exact) + 0x1p-24;
        worst.see(got[i], exact, tolerance + type.half_ulp * std::abs(exact));
        const double sum = double{before[i]} + exact;
        worst.see(added[i], sum, tolerance + (type.half_ulp + 0x1p-24) * std::abs(sum));
      }
    }
    expect_within(worst, "rms_norm " + type.name);
  }
}

TEST(CudaRmsNorm, ARowDoesNotKnowTheOthers) {
  for (const NamedType& type : all_types()) {
    for (int dim : {48, 100, 4096}) {
      std::vector<float> x = random_normal(static_cast<size_t>(6 * dim), 3);
      x[static_cast<size_t>(2 * dim)] = kNan;
      const std::vector<float> weight = random_normal(static_cast<size_t>(dim), 4);
      const std::vector<float> together = run(type.type, x, dim, weight);
      for (int row = 0; row < 6; ++row) {
        EXPECT_EQ(different_bits(run(type.type, rows_of(x, dim, row, 1), dim, weight), rows_of(together, dim, row, 1)),
                  0U)
            << type.name << " " << dim << " row " << row;
        EXPECT_EQ(std::isnan(together[static_cast<size_t>(row * dim + 1)]), row == 2);
      }
    }
  }
}

TEST(CudaRmsNorm, SpecialRows) {
  const std::vector<float> ones(4, 1.0F);
  EXPECT_EQ(run(Type::kF32, {0, 0, 0, 0}, 4, ones), (std::vector<float>{0, 0, 0, 0}));
  const std::vector<float> infinite = run(Type::kBf16, {1, kInfinity, 2, 3}, 4, ones);
  EXPECT_EQ(infinite[0], 0);
  EXPECT_TRUE(std::isnan(infinite[1])) << "infinity times a factor of 0";
}

// Heads of 24, 128 and so on, and all heads together; what lies before and after the blocks stays.
TEST(CudaRmsNorm, BlocksOfRows) {
  struct Case {
    int rows, stride, first_col, blocks, dim;
  };
  Worst worst;
  size_t kept = 0;
  for (const Case& c : std::vector<Case>{{1, 1, 0, 1, 1},
                                         {5, 192, 0, 4, 24},
                                         {5, 192, 96, 2, 24},
                                         {3, 1536, 1024, 2, 128},
                                         {2, 700, 4, 1, 515},
                                         {9, 40, 3, 5, 7}}) {
    const size_t stride = static_cast<size_t>(c.stride);
    const std::vector<float> before = random_normal(static_cast<size_t>(c.rows) * stride, 8, 3);
    const std::vector<float> weight = random_normal(static_cast<size_t>(c.dim), 9);
    DeviceBuffer<float> x(before);
    const DeviceBuffer<float> device_weight(weight);
    rms_norm_blocks(nullptr, {.x = x.data() + c.first_col,
                              .weight = device_weight.data(),
                              .stride = c.stride,
                              .rows = c.rows,
                              .blocks = c.blocks,
                              .dim = c.dim,
                              .eps = kEps});
    const std::vector<float> got = x.download();
    std::vector<float> alone = rows_of(before, c.stride, c.rows - 1, 1);
    DeviceBuffer<float> device_alone(alone);
    rms_norm_blocks(nullptr, {.x = device_alone.data() + c.first_col,
                              .weight = device_weight.data(),
                              .stride = c.stride,
                              .rows = 1,
                              .blocks = c.blocks,
                              .dim = c.dim,
                              .eps = kEps});
    EXPECT_EQ(different_bits(device_alone.download(), rows_of(got, c.stride, c.rows - 1, 1)), 0U);
    for (size_t i = 0; i < got.size(); ++i) {
      const int col = static_cast<int>(i % stride) - c.first_col;
      if (col < 0 || col >= c.blocks * c.dim) {
        EXPECT_EQ(got[i], before[i]) << c.dim << " at " << i;
        ++kept;
        continue;
      }
      const size_t in_block = static_cast<size_t>(col % c.dim);
      const double exact = normed(&before[i - in_block], c.dim, in_block) * double{weight[in_block]};
      worst.see(got[i], exact, 5e-7 * std::abs(exact) + 0x1p-24);
    }
  }
  EXPECT_GT(kept, 0U);
  expect_within(worst, "rms_norm_blocks");
}

TEST(CudaRmsNorm, InPlace) {
  const std::vector<float> x = random_normal(200, 5);
  const std::vector<float> weight = random_normal(100, 6);
  DeviceBuffer<float> device_x(x);
  const DeviceBuffer<float> device_weight(weight);
  rms_norm(nullptr, Type::kF32,
           {.x = device_x.data(),
            .weight = device_weight.data(),
            .out = device_x.data(),
            .rows = 2,
            .dim = 100,
            .eps = kEps});
  EXPECT_EQ(different_bits(device_x.download(), run(Type::kF32, x, 100, weight)), 0U);
}

}  // namespace
}  // namespace assay::engine::cuda
