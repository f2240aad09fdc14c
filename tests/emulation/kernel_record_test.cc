// The list of a program's kernels: every one, by nvcc's names, and nothing else.
#include "tests/emulation/kernel_record.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <set>

#include "tests/emulation/ptxas_output.h"
#include "tests/emulation/sample_kernels.h"
#include "tests/emulation/schedule.h"
#include "tests/engine/device/cuda/device_buffer.h"
#include "tests/support/temporary_folder.h"

namespace assay::testing {
namespace {

const emulation::KernelSymbol* kernel_named(const std::string& mangled) {
  for (const emulation::KernelSymbol& kernel : emulation::kernels_of_this_program()) {
    if (kernel.mangled == mangled) return &kernel;
  }
  return nullptr;
}

TEST(KernelRecord, EveryKernelByTheNameThatNvccGivesIt) {
  std::set<std::string> names;
  for (const emulation::KernelSymbol& kernel : emulation::kernels_of_this_program()) {
    EXPECT_TRUE(names.insert(kernel.mangled).second) << kernel.mangled;
    EXPECT_EQ(kernel.name.find("abi:"), std::string::npos) << kernel.name;
    EXPECT_EQ(kernel.name.find("launch<"), std::string::npos) << kernel.name;
  }
  for (const char* mangled : {"_ZN5assay7testing14product_kernelI6__halfEEvNS0_13ProductParamsE",
                              "_ZN5assay7testing14product_kernelI13__nv_bfloat16EEvNS0_13ProductParamsE",
                              "_ZN5assay7testing10sum_kernelENS0_9SumParamsE"}) {
    EXPECT_NE(kernel_named(mangled), nullptr) << mangled;
  }
  // 9 samples, one of them for two types, and the seeded faults, which are one kernel each.
  EXPECT_EQ(names.size(), 9u + 34u);
  std::cout << names.size() << " kernels in this program\n";
}

TEST(KernelRecord, ALaunchIsCounted) {
  const emulation::KernelSymbol* kernel = kernel_named("_ZN5assay7testing10sum_kernelENS0_9SumParamsE");
  ASSERT_NE(kernel, nullptr);
  const emulation::KernelRecord before = emulation::record_of(kernel->address);
  const DeviceBuffer<float> x(std::vector<float>(3 * 256, 1.0F));
  DeviceBuffer<float> out(3);
  block_sum({.x = x.data(), .out = out.data()}, 3);
  const emulation::KernelRecord after = emulation::record_of(kernel->address);
  EXPECT_EQ(after.launches, before.launches + 1);
  EXPECT_EQ(after.blocks, before.blocks + 3);
  EXPECT_EQ(after.most_shared_bytes, 8 * sizeof(float));
  EXPECT_EQ(emulation::kernel_name(kernel->address), "assay::testing::sum_kernel(assay::testing::SumParams)");
  EXPECT_EQ(emulation::record_of(nullptr).launches, 0u);
}

TEST(KernelRecord, NamesInTheOutputOfPtxas) {
  const TemporaryFolder folder;
  folder.write("a/one.cu.o.ptxas",
               "ptxas info    : Compiling entry function '_Z1fPi' for 'sm_80'\n"
               "ptxas info    : Compiling entry function '_Z1gPi' for 'sm_80'\n");
  folder.write("b/two.cu.o.ptxas", "ptxas info    : Compiling entry function '_Z1fPi' for 'sm_90a'\n");
  folder.write("b/notes.txt", "ptxas info    : Compiling entry function '_Z1hPi' for 'sm_90a'\n");
  EXPECT_EQ(emulation::kernels_in_ptxas_output(folder.path()), (std::set<std::string>{"_Z1fPi", "_Z1gPi"}));
  EXPECT_TRUE(emulation::kernels_in_ptxas_output(folder / "nowhere").empty());
}

}  // namespace
}  // namespace assay::testing
