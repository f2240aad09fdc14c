#include "engine/device/cuda/kernels/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "tests/engine/device/cuda/elements.h"

namespace assay::engine::cuda {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct NamedActivation {
  Activation activation;
  std::string name;
  double (*exact)(double);
};
const std::vector<NamedActivation> kActivations{
    {Activation::kSilu, "silu", [](double x) { return x / (1 + std::exp(-x)); }},
    // x / 2 * (1 + tanh(u)) as x / (1 + exp(-2 u)): in f64, too, the first loses its digits at -10.
    {Activation::kGeluTanh, "tanh-gelu", [](double x) {
       const double u = std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x);
       return x / (1 + std::exp(-2 * u));
     }}};

std::vector<float> run(Type type, Activation activation, const std::vector<float>& gate_up, int dim) {
  const assay::testing::DeviceBuffer<float> device(gate_up);
  Elements out(type, gate_up.size() / 2);
  activate_and_multiply(
      nullptr, type, activation,
      {.gate_up = device.data(), .out = out.data(), .rows = static_cast<int>(gate_up.size()) / (2 * dim), .dim = dim});
  return out.download();
}

TEST(CudaActivation, EqualsDouble) {
  for (const NamedActivation& activation : kActivations) {
    for (const NamedType& type : all_types()) {
      Worst worst;
      for (int dim : {1, 7, 8, 48, 130, 2048, 2049, 14336}) {
        const int rows = 2;
        const std::vector<float> gate_up = random_normal(static_cast<size_t>(rows * 2 * dim), 1, 4);
        const std::vector<float> got = run(type.type, activation.activation, gate_up, dim);
        for (int row = 0; row < rows; ++row) {
          for (int i = 0; i < dim; ++i) {
            const double gate = gate_up[static_cast<size_t>(row * 2 * dim + i)];
            const double up = gate_up[static_cast<size_t>(row * 2 * dim + dim + i)];
            const double exact = activation.exact(gate) * up;
            // An exponent of the size of 16 is right within 16 units in the last place of 1, and so is the power.
            const double by_exponent = gate < 0 ? 0x1p-22 * (1 + gate * gate) : 4e-7;
            worst.see(got[static_cast<size_t>(row * dim + i)], exact,
                      (by_exponent + type.half_ulp) * std::abs(exact) + (type.type == Type::kF16 ? 0x1p-25 : 1e-35));
          }
        }
      }
      expect_within(worst, activation.name + " " + type.name);
    }
  }
}

TEST(CudaActivation, SpecialValues) {
  struct Case {
    float gate, up, expected;
  };
  for (const NamedActivation& activation : kActivations) {
    for (const Case& c : std::vector<Case>{{0, 5, 0},
                                           {-200, 3, 0},
                                           {-3e38F, 3, 0},
                                           {100, 2, 200},
                                           {1e30F, 2, 2e30F},
                                           {kInfinity, 2, kInfinity},
                                           {kNan, 1, kNan},
                                           {1, kNan, kNan},
                                           {-kInfinity, 1, kNan}}) {
      const float got = run(Type::kF32, activation.activation, {1, c.gate, 1, c.up}, 2)[1];
      EXPECT_TRUE(got == c.expected || (std::isnan(got) && std::isnan(c.expected)))
          << activation.name << " of " << c.gate << " gives " << got;
    }
  }
}

// GELU's published value at 1, so that the constants above are not only our own: Hendrycks, Gimpel 2016 give 0.8412.
TEST(CudaActivation, GeluAtOne) {
  EXPECT_NEAR(run(Type::kF32, Activation::kGeluTanh, {1, 1}, 1)[0], 0.841192F, 1e-6F);
}

TEST(CudaActivation, ARowDoesNotKnowTheOthers) {
  const int dim = 100;
  std::vector<float> gate_up = random_normal(5 * 2 * dim, 2);
  gate_up[2 * dim] = kNan;
  for (const NamedActivation& activation : kActivations) {
    const auto of = [&](const std::vector<float>& rows) { return run(Type::kBf16, activation.activation, rows, dim); };
    const std::vector<float> together = of(gate_up);
    for (int row = 0; row < 5; ++row) {
      EXPECT_EQ(different_bits(of(rows_of(gate_up, 2 * dim, row, 1)), rows_of(together, dim, row, 1)), 0U);
    }
  }
}

}  // namespace
}  // namespace assay::engine::cuda
