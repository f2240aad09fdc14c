#include "tests/support/approved.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.h"

namespace assay::testing {

void expect_approved(const std::filesystem::path& file, const std::string& text) {
  const char* approve = std::getenv("ASSAY_APPROVE");
  if (approve != nullptr && std::string(approve) == "true") {
    std::filesystem::create_directories(file.parent_path());
    write_file_atomically(file, text);
    return;
  }
  ASSERT_TRUE(std::filesystem::exists(file)) << file << " is missing; ASSAY_APPROVE=true writes it";
  EXPECT_EQ(text, read_file(file)) << file << " is approved; ASSAY_APPROVE=true writes it anew";
}

}  // namespace assay::testing
