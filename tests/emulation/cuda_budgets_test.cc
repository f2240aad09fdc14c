// scripts/cuda-budgets on made output of ptxas: what it reads, what it refuses.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace assay::testing {
namespace {

std::string kernel(const char* arch, int registers, int spilled) {
  return fmt::format(
      "ptxas info    : Compiling entry function '_ZN5assay6engine4cuda4normI6__halfEEvNS1_4NormE' for '{}'\n"
      "ptxas info    : Function properties for _ZN5assay6engine4cuda4normI6__halfEEvNS1_4NormE\n"
      "    {} bytes stack frame, {} bytes spill stores, 0 bytes spill loads\n"
      "ptxas info    : Used {} registers, used 0 barriers, 368 bytes cmem[0]\n",
      arch, spilled, spilled, registers);
}

Outcome budgets(const std::vector<std::string>& arguments) {
  Launch launch;
  launch.arguments = arguments;
  return run_program("scripts/cuda-budgets", launch);
}

TEST(CudaBudgets, SpillsAndRegistersBeyondTheTableFail) {
  const struct {
    const char* name;
    std::string output;
    const char* table;
    int exit;
    const char* says;
  } cases[] = {
      {"within", kernel("sm_80", 40, 0) + kernel("sm_90a", 38, 0), "40 40 norm<__half>\n", 0, "2 kernels, 0 outside"},
      {"registers", kernel("sm_80", 41, 0), "40 40 norm<__half>\n", 1, "too many registers"},
      {"other arch", kernel("sm_90a", 41, 0), "41 40 norm<__half>\n", 1, "too many registers"},
      {"spill", kernel("sm_80", 40, 8), "40 40 norm<__half>\n", 1, "spills"},
      {"unknown", kernel("sm_80", 40, 0), "# 40 40 norm<__half>\n40 40 norm<float>\n", 1, "not in the table"},
      {"broken table", kernel("sm_80", 40, 0), "40 norm<__half>\n", 1, "not in the table"},
  };
  for (const auto& c : cases) {
    const TemporaryFolder folder;
    folder.write("objects/norm.cu.o.ptxas", c.output);
    const Outcome outcome = budgets({"--read", folder.path(), folder.write("budgets.txt", c.table)});
    EXPECT_EQ(outcome.exit, c.exit) << c.name << ": " << outcome.err;
    EXPECT_NE(outcome.out.find(c.says), std::string::npos) << c.name << ": " << outcome.out;
    EXPECT_NE(outcome.out.find(" norm<__half>"), std::string::npos) << outcome.out;
  }
}

TEST(CudaBudgets, NoOutputIsNoPass) {
  const TemporaryFolder folder;
  const Outcome outcome = budgets({"--read", folder.path()});
  EXPECT_EQ(outcome.exit, 65);
  EXPECT_NE(outcome.err.find("no *.ptxas file"), std::string::npos) << outcome.err;
  EXPECT_EQ(budgets({"--what"}).exit, 64);
}

}  // namespace
}  // namespace assay::testing
