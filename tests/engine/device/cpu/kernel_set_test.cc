#include "engine/device/cpu/kernel_set.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "base/error.h"
#include "engine/device/cpu/cpu_device.h"
#include "engine/device/cpu/cpu_features.h"

namespace assay::engine {
namespace {

// The kernel's own list of what processor and system offer, an oracle for the detection.
bool proc_cpuinfo_has(const std::string& flag) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("flags")) {
      std::istringstream words(line);
      for (std::string word; words >> word;) {
        if (word == flag) return true;
      }
      return false;
    }
  }
  return false;
}

bool made_by(const std::string& vendor) {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("vendor_id")) return line.ends_with(vendor);
  }
  return false;
}

TEST(CpuFeatures, AgreeWithTheKernel) {
  const CpuFeatures& features = cpu_features();
  EXPECT_EQ(features.avx2, proc_cpuinfo_has("avx2") && proc_cpuinfo_has("fma") && proc_cpuinfo_has("f16c"));
  EXPECT_EQ(features.avx512, features.avx2 && proc_cpuinfo_has("avx512f") && proc_cpuinfo_has("avx512bw") &&
                                 proc_cpuinfo_has("avx512vl") && proc_cpuinfo_has("avx512dq"));
  EXPECT_EQ(features.avx512bf16, features.avx512 && proc_cpuinfo_has("avx512_bf16"));
  EXPECT_EQ(features.slow_bf16, features.avx512bf16 && proc_cpuinfo_has("avx512_fp16") && made_by("GenuineIntel"));
  if (features.amx) {
    EXPECT_TRUE(proc_cpuinfo_has("amx_bf16"));
  }
  std::cout << "kernel sets here:";
  for (const std::string& name : cpu_kernel_sets()) std::cout << ' ' << name;
  std::cout << '\n';
}

TEST(KernelSet, NamesAndOrder) {
  const std::vector<std::string> names = cpu_kernel_sets();
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names.front(), "scalar");
  EXPECT_EQ(choose_kernel_set("scalar", DataType::kBf16), KernelSet::kScalar);
  EXPECT_EQ(choose_kernel_set("auto", DataType::kBf16), fastest_set());
}

TEST(KernelSet, FastestIsTheHighestButForSlowBf16) {
  const std::vector<KernelSet> available = available_kernel_sets();
  const bool slow = available.back() == KernelSet::kAvx512Bf16 && cpu_features().slow_bf16;
  EXPECT_EQ(fastest_set(), slow ? KernelSet::kAvx512 : available.back());
  std::cout << "auto: " << kernel_set_name(fastest_set()) << '\n';
}

TEST(KernelSet, F32UsesTheBestF32KernelsBelow) {
  for (KernelSet set : available_kernel_sets()) {
    const std::string name(kernel_set_name(set));
    EXPECT_EQ(choose_kernel_set(name, DataType::kF32), std::min(set, KernelSet::kAvx512));
    EXPECT_EQ(choose_kernel_set(name, DataType::kBf16), set);
  }
}

TEST(KernelSet, RefusesWhatIsUnknownOrMissing) {
  for (const char* name : {"", "AVX2", "avx", "neon", "auto "}) {
    try {
      choose_kernel_set(name, DataType::kF32);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kUsage);
    }
  }
  const std::vector<std::string> available = cpu_kernel_sets();
  for (const char* name : {"avx2", "avx512", "avx512bf16", "amx"}) {
    if (std::find(available.begin(), available.end(), name) != available.end()) continue;
    try {
      choose_kernel_set(name, DataType::kF32);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kUnavailable);
      EXPECT_NE(std::string(error.what()).find(available.back()), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace assay::engine
