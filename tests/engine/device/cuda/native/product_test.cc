// cuBLASLt on a GPU: right within rounding, and a row has the same bits whatever the number of rows beside it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iostream>

#include "tests/engine/device/cuda/elements.h"
#include "tests/engine/device/cuda/model/test_runtime.h"

namespace assay::engine::cuda {
namespace {

struct Shape {
  int outputs;
  int inputs;
};
// Of the models that people score: 8B, 70B and a small one.
const Shape kShapes[] = {{6144, 4096},  {4096, 4096}, {28672, 4096}, {4096, 14336},
                         {10240, 8192}, {576, 576},   {1001, 576},   {3072, 576}};
constexpr int kRows = 500;

std::vector<float> random_values(size_t count, uint32_t seed) {
  std::vector<float> values(count);
  uint32_t state = seed;
  for (float& value : values) {
    state = state * 1664525 + 1013904223;
    value = static_cast<float>(static_cast<int32_t>(state)) / 2147483648.0F;
  }
  return values;
}

TEST(CudaProduct, ARowDoesNotDependOnTheNumberOfRows) {
  const std::unique_ptr<Runtime> runtime = testing::test_runtime();
  int64_t compared = 0;
  for (const DataType type : {DataType::kBf16, DataType::kF16, DataType::kF32}) {
    for (const auto& [outputs, inputs] : kShapes) {
      const size_t row = static_cast<size_t>(outputs);
      const std::vector<float> x = random_values(size_t{kRows} * static_cast<size_t>(inputs), 1);
      const std::vector<float> w = random_values(row * static_cast<size_t>(inputs), 2);
      Elements device_x(type, x), device_w(type, w);
      testing::DeviceBuffer<float> out(size_t{kRows} * row);
      const auto product = [&](int first, int rows) {
        const size_t skipped = static_cast<size_t>(first) * static_cast<size_t>(inputs) * bytes_of(type);
        runtime->multiply({type, rows, outputs, inputs, static_cast<std::byte*>(device_x.data()) + skipped,
                           device_w.data(), out.data(), false});
        std::vector<float> result(static_cast<size_t>(rows) * row);
        runtime->copy_to_host(result.data(), out.data(), result.size() * sizeof(float));
        return result;
      };
      const std::vector<float> all = product(0, kRows);
      for (const int rows : {1, 2, 7, 64, 129, 300}) {
        const int first = kRows - rows;
        const std::vector<float> some = product(first, rows);
        EXPECT_EQ(std::memcmp(some.data(), all.data() + static_cast<size_t>(first) * row, some.size() * sizeof(float)),
                  0)
            << outputs << " x " << inputs << ", " << rows << " rows, type " << static_cast<int>(type);
        compared += static_cast<int64_t>(some.size());
      }
      // A few of the sums against double, of the values as they were rounded.
      const std::vector<float> rx = rounded(type, x), rw = rounded(type, w);
      for (int i = 0; i < 200; ++i) {
        const size_t r = static_cast<size_t>(i * 37 % kRows), o = static_cast<size_t>(i * 7919) % row;
        double sum = 0, size = 0;
        for (int k = 0; k < inputs; ++k) {
          const double term = double{rx[r * static_cast<size_t>(inputs) + static_cast<size_t>(k)]} *
                              rw[o * static_cast<size_t>(inputs) + static_cast<size_t>(k)];
          sum += term;
          size += std::abs(term);
        }
        const double error = std::abs(double{all[r * row + o]} - sum);
        EXPECT_TRUE(error <= inputs / 4.0 * std::ldexp(1.0, -23) * size) << error;
      }
    }
  }
  std::cout << compared << " results of cuBLASLt equal to the bit\n";
}

}  // namespace
}  // namespace assay::engine::cuda
