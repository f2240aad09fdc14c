#include "engine/device/cuda/kernels/in_place.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/engine/device/cuda/elements.h"

namespace assay::engine::cuda {
namespace {

using assay::testing::DeviceBuffer;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Shape {
  int rows, cols;
};
const std::vector<Shape> kShapes{{1, 1}, {3, 7}, {2, 96}, {5, 130}, {2, 2048}, {2, 2051}};

std::vector<float> capped(const std::vector<float>& values, int cols, float cap) {
  DeviceBuffer<float> x(values);
  soft_cap(nullptr, {.x = x.data(), .rows = static_cast<int>(values.size()) / cols, .cols = cols, .cap = cap});
  return x.download();
}

// One sum of two numbers has one right answer.
TEST(CudaInPlace, AddBiasIsExact) {
  size_t compared = 0;
  for (const Shape& shape : kShapes) {
    const size_t cols = static_cast<size_t>(shape.cols);
    std::vector<float> expected = random_normal(static_cast<size_t>(shape.rows) * cols, 1);
    const std::vector<float> bias = random_normal(cols, 2);
    DeviceBuffer<float> x(expected);
    const DeviceBuffer<float> device_bias(bias);
    add_bias(nullptr, {.x = x.data(), .bias = device_bias.data(), .rows = shape.rows, .cols = shape.cols});
    for (size_t i = 0; i < expected.size(); ++i) expected[i] += bias[i % cols];
    EXPECT_EQ(different_bits(x.download(), expected), 0U) << shape.rows << " " << shape.cols;
    compared += expected.size();
  }
  EXPECT_GT(compared, 0U);
}

TEST(CudaInPlace, SoftCapEqualsDouble) {
  Worst worst;
  for (const Shape& shape : kShapes) {
    for (const auto& [cap, deviation] : {std::pair{30.0F, 20.0F}, {6.0F, 100.0F}, {8.0F, 0.01F}}) {
      const std::vector<float> x =
          random_normal(static_cast<size_t>(shape.rows) * static_cast<size_t>(shape.cols), 3, deviation);
      const std::vector<float> got = capped(x, shape.cols, cap);
      for (size_t i = 0; i < x.size(); ++i) {
        const double exact = double{cap} * std::tanh(double{x[i]} / double{cap});
        worst.see(got[i], exact, 5e-7 * std::abs(exact));
      }
    }
  }
  expect_within(worst, "soft_cap");
}

TEST(CudaInPlace, SoftCapOfSpecialValues) {
  const std::vector<float> got = capped({0, -0.0F, 3e38F, kInfinity, -kInfinity, kNan, 1e-30F}, 7, 30);
  EXPECT_EQ(different_bits({got[0], got[1], got[2], got[3], got[4]}, {0, -0.0F, 30, 30, -30}), 0U);
  EXPECT_TRUE(std::isnan(got[5]));
  EXPECT_NEAR(got[6], 1e-30F, 1e-36F);
}

TEST(CudaInPlace, NoRowsAreNoLaunch) {
  add_bias(nullptr, {.cols = 8});
  soft_cap(nullptr, {.cols = 8, .cap = 1});
}

}  // namespace
}  // namespace assay::engine::cuda
