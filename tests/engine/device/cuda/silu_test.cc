#include "engine/device/cuda/kernels/silu.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/engine/device/cuda/elements.h"

namespace assay::engine::cuda {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<float> run(Type type, const std::vector<float>& gate_up, int dim) {
  const assay::testing::DeviceBuffer<float> device(gate_up);
  Elements out(type, gate_up.size() / 2);
  silu_and_multiply(
      nullptr, type,
      {.gate_up = device.data(), .out = out.data(), .rows = static_cast<int>(gate_up.size()) / (2 * dim), .dim = dim});
  return out.download();
}

TEST(CudaSilu, EqualsDouble) {
  for (const NamedType& type : all_types()) {
    Worst worst;
    for (int dim : {1, 7, 8, 48, 130, 2048, 2049, 14336}) {
      const int rows = 2;
      const std::vector<float> gate_up = random_normal(static_cast<size_t>(rows * 2 * dim), 1, 8);
      const std::vector<float> got = run(type.type, gate_up, dim);
      for (int row = 0; row < rows; ++row) {
        for (int i = 0; i < dim; ++i) {
          const double gate = gate_up[static_cast<size_t>(row * 2 * dim + i)];
          const double up = gate_up[static_cast<size_t>(row * 2 * dim + dim + i)];
          const double exact = gate / (1 + std::exp(-gate)) * up;
          worst.see(got[static_cast<size_t>(row * dim + i)], exact,
                    (4e-7 + type.half_ulp) * std::abs(exact) + (type.type == Type::kF16 ? 0x1p-25 : 1e-37));
        }
      }
    }
    expect_within(worst, "silu " + type.name);
  }
}

TEST(CudaSilu, SpecialValues) {
  struct Case {
    float gate, up, expected;
  };
  for (const Case& c : std::vector<Case>{{0, 5, 0},
                                         {-200, 3, 0},
                                         {100, 2, 200},
                                         {kInfinity, 2, kInfinity},
                                         {kNan, 1, kNan},
                                         {1, kNan, kNan},
                                         {-kInfinity, 1, kNan}}) {
    const float got = run(Type::kF32, {1, c.gate, 1, c.up}, 2)[1];
    EXPECT_TRUE(got == c.expected || (std::isnan(got) && std::isnan(c.expected))) << c.gate << " gives " << got;
  }
}

TEST(CudaSilu, ARowDoesNotKnowTheOthers) {
  const int dim = 100;
  std::vector<float> gate_up = random_normal(5 * 2 * dim, 2);
  gate_up[2 * dim] = kNan;
  const std::vector<float> together = run(Type::kBf16, gate_up, dim);
  for (int row = 0; row < 5; ++row) {
    EXPECT_EQ(different_bits(run(Type::kBf16, rows_of(gate_up, 2 * dim, row, 1), dim), rows_of(together, dim, row, 1)),
              0U);
  }
}

}  // namespace
}  // namespace assay::engine::cuda
