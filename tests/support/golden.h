// Where the reference data is: the folder that ASSAY_SHARED names, ../shared by default.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace assay::testing {

// Path below the shared folder. Empty where the folder is missing (an empty folder counts as missing) and CI is not
// "true"; where CI=true, a missing folder is a failure.
std::filesystem::path shared_path(const std::string& relative);

}  // namespace assay::testing

// First line of a test that needs reference data: skips with the reason, or fails in CI.
// ASSAY_REQUIRE_SHARED(folder, "golden/prompts");
#define ASSAY_REQUIRE_SHARED(name, relative)                                                        \
  const std::filesystem::path name = ::assay::testing::shared_path(relative);                       \
  if (name.empty()) {                                                                               \
    const char* in_ci = std::getenv("CI");                                                          \
    if (in_ci != nullptr && std::string(in_ci) == "true") {                                         \
      FAIL() << "reference data is missing: " << relative << " (ASSAY_SHARED)";                     \
    }                                                                                               \
    GTEST_SKIP() << "no reference data: " << relative << " below ASSAY_SHARED (default ../shared)"; \
  }
