// main of a program that tests the engine's kernels under the emulation: every test runs in a random order of threads
// and blocks, and at the end every kernel must have been launched.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <random>
#include <set>

#include "tests/emulation/kernel_record.h"
#include "tests/emulation/ptxas_output.h"
#include "tests/emulation/schedule.h"
#include "tests/emulation/watch.h"
#include "tests/support/sanitizers.h"

namespace assay::testing {
namespace {

using emulation::KernelRecord;
using emulation::KernelSymbol;

// The same order for a test however many ran before it.
class SeedEachTest : public ::testing::EmptyTestEventListener {
 public:
  explicit SeedEachTest(uint64_t seed) : seed_(seed) {}
  void OnTestStart(const ::testing::TestInfo&) override {
    emulation::set_schedule({.seed = seed_, .accesses_per_switch = 64});
  }

 private:
  uint64_t seed_;
};

uint64_t seed_of_this_run() {
  const char* wanted = std::getenv("ASSAY_SCHEDULE_SEED");
  if (wanted != nullptr) return std::strtoull(wanted, nullptr, 10);
  if (std::getenv("CI") != nullptr) return 1;  // a run there must not fail by chance
  return 1 + std::random_device()() % 1'000'000;
}

class EveryKernel : public ::testing::Test {};

class WasLaunched : public EveryKernel {
  void TestBody() override {
    if (::testing::UnitTest::GetInstance()->test_to_run_count() !=
        ::testing::UnitTest::GetInstance()->total_test_count()) {
      GTEST_SKIP() << "not all tests ran";
    }
    if (kSanitizers) GTEST_SKIP() << "fewer cases run under a sanitizer: the optimised build demands every kernel";
    const std::vector<KernelSymbol>& kernels = emulation::kernels_of_this_program();
    EXPECT_FALSE(kernels.empty()) << "no kernel found: was the symbol table stripped?";
    for (const KernelSymbol& kernel : kernels) {
      const KernelRecord record = emulation::record_of(kernel.address);
      EXPECT_GT(record.launches, 0u) << "no test launched " << kernel.name;
      std::cout << record.launches << " launches, " << record.blocks << " blocks, " << record.most_shared_bytes
                << " bytes shared";
      if (record.row_groups > 0) {
        std::cout << ", " << record.conflicts << " bank conflicts in " << record.row_groups << " reads of ldmatrix";
      }
      std::cout << ": " << kernel.name << "\n";
    }
    std::cout << kernels.size() << " kernels\n";
  }
};

// nvcc and g++ instantiate the same kernels, under the same mangled names.
class IsWhatNvccEmits : public EveryKernel {
  void TestBody() override {
    const std::set<std::string> native = emulation::kernels_in_ptxas_output(ASSAY_PTXAS_OUTPUT);
    if (native.empty()) GTEST_SKIP() << "this build has no output of nvcc: configure with ASSAY_CUDA=ON";
    std::set<std::string> emulated;
    for (const KernelSymbol& kernel : emulation::kernels_of_this_program()) emulated.insert(kernel.mangled);
    EXPECT_EQ(emulated, native);
    std::cout << native.size() << " kernels from nvcc\n";
  }
};

template <typename Test>
void register_last(const char* name) {
  ::testing::RegisterTest("EveryKernel", name, nullptr, nullptr, __FILE__, __LINE__,
                          []() -> EveryKernel* { return new Test; });
}

}  // namespace
}  // namespace assay::testing

int main(int argc, char** argv) {
  namespace tests = assay::testing;
  ::testing::InitGoogleTest(&argc, argv);
  tests::register_last<tests::WasLaunched>("WasLaunched");
  tests::register_last<tests::IsWhatNvccEmits>("IsWhatNvccEmits");
  const uint64_t seed = tests::seed_of_this_run();
  std::cout << "Order of threads and blocks: ASSAY_SCHEDULE_SEED=" << seed << " (0: by number)"
            << (assay::emulation::accesses_are_watched() ? "; every access is checked" : "") << "\n";
  ::testing::UnitTest::GetInstance()->listeners().Append(new tests::SeedEachTest(seed));
  return RUN_ALL_TESTS();
}
