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

std::vector<float> run(Type type, const std::vector<float>& x, int dim, const std::vector<float>& weight,
                       float offset = 0) {
  const DeviceBuffer<float> device_x(x);
  const DeviceBuffer<float> device_weight(weight);
  Elements out(type, x.size());
  rms_norm(nullptr, type,
           {.x = device_x.data(),
            .weight = device_weight.data(),
            .out = out.data(),
            .rows = static_cast<int>(x.size()) / dim,
            .dim = dim,
            .eps = kEps,
            .weight_offset = offset});
  return out.download();
}

TEST(CudaRmsNorm, EqualsDouble) {
  for (const NamedType& type : all_types()) {
    Worst worst;
    for (int dim : {1, 5, 8, 48, 100, 576, 2048, 2056, 4096, 5003}) {
      for (float offset : {0.0F, 1.0F}) {
        const size_t n = static_cast<size_t>(dim);
        const std::vector<float> x = random_normal(3 * n, 1, 4);
        const std::vector<float> weight = random_normal(n, 2);
        const std::vector<float> got = run(type.type, x, dim, weight, offset);
        for (size_t row = 0; row < 3; ++row) {
          double squares = 0;
          for (size_t i = 0; i < n; ++i) squares += double{x[row * n + i]} * x[row * n + i];
          const double factor = 1 / std::sqrt(squares / dim + double{kEps});
          for (size_t i = 0; i < n; ++i) {
            // Weight plus offset is rounded once; the sum, its root and two products add a few units in the last place.
            const double exact = x[row * n + i] * factor * (double{weight[i]} + double{offset});
            const double scale = std::abs(x[row * n + i] * factor) * (std::abs(double{weight[i]}) + double{offset});
            worst.see(got[row * n + i], exact, 5e-7 * scale + type.half_ulp * std::abs(exact) + 0x1p-24);
          }
        }
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
