// main of the tests that need a GPU: without one they are skipped, with the driver's reason.
#include <gtest/gtest.h>

#include <iostream>

#include "engine/device/gpu.h"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const assay::engine::GpuSupport support = assay::engine::gpu_support();
  if (support.names.empty()) {
    const int tests = testing::UnitTest::GetInstance()->total_test_count();
    std::cout << "no GPU: " << support.why << "\n[  SKIPPED ] " << tests << " tests.\n";
    return 0;
  }
  return RUN_ALL_TESTS();
}
