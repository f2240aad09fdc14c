#include "engine/device/cpu/cpu_device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/device/cpu/thread_pool.h"

namespace assay::engine {
namespace {

TEST(CpuDevice, NamesItsKernelsAndThreads) {
  for (const std::string& set : cpu_kernel_sets()) {
    EXPECT_EQ(make_cpu_device(set, DataType::kBf16, 1)->kernels(), set);
  }
  EXPECT_EQ(make_cpu_device("auto", DataType::kBf16, 3)->threads(), 3);
  EXPECT_EQ(make_cpu_device("auto", DataType::kF32, 0)->threads(), usable_threads());
}

TEST(CpuDevice, RefusesThreadsAndKernelsThatAreNot) {
  for (int threads : {-1, 1025}) {
    try {
      make_cpu_device("auto", DataType::kF32, threads);
      ADD_FAILURE() << threads;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kUsage);
    }
  }
  EXPECT_THROW(make_cpu_device("sse", DataType::kF32, 1), Error);
}

// Through the seam, small whole numbers: exact in both types and every set.
TEST(CpuDevice, MultipliesThroughTheSeam) {
  constexpr int kOutputs = 21, kInputs = 13, kRows = 9;
  int64_t compared = 0;
  for (const std::string& set : cpu_kernel_sets()) {
    for (DataType type : {DataType::kF32, DataType::kBf16}) {
      const std::unique_ptr<Device> device = make_cpu_device(set, type, 2);
      const std::unique_ptr<Linear> w = device->make_linear(kOutputs, kInputs, type, [](int row, float* out) {
        for (int k = 0; k < kInputs; ++k) out[k] = static_cast<float>((row * 5 + k * 3) % 7 - 3);
      });
      EXPECT_EQ(w->outputs(), kOutputs);
      EXPECT_EQ(w->inputs(), kInputs);
      std::vector<float> x(kRows * kInputs);
      for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 11) - 5;
      const Matrix in = device->allocate(Role::kOperand, kRows, kInputs);
      const Matrix out = device->allocate(Role::kStream, kRows, kOutputs);
      device->upload(in, x);
      // Generated or not, the product of a CPU is the same.
      device->linear(*w, in, {0, kRows}, out, false);
      device->linear(*w, in, {3, kRows - 3}, out, true);
      std::vector<float> got(kRows * kOutputs);
      device->download(got, out);
      for (int r = 0; r < kRows; ++r) {
        for (int n = 0; n < kOutputs; ++n) {
          int sum = 0;
          for (int k = 0; k < kInputs; ++k) sum += ((n * 5 + k * 3) % 7 - 3) * ((r * kInputs + k) % 11 - 5);
          ASSERT_EQ(got[static_cast<size_t>(r * kOutputs + n)], static_cast<float>(2 * sum)) << set;
          ++compared;
        }
      }
    }
  }
  EXPECT_EQ(compared, static_cast<int64_t>(cpu_kernel_sets().size()) * 2 * kRows * kOutputs);
}

}  // namespace
}  // namespace assay::engine
