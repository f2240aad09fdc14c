// Text that somebody has read and approved, kept beside the test.
#pragma once

#include <filesystem>
#include <string>

namespace assay::testing {

// Fails the test where `text` is not what the file holds. ASSAY_APPROVE=true writes the file instead: read the change
// with `git diff` before it is committed.
void expect_approved(const std::filesystem::path& file, const std::string& text);

}  // namespace assay::testing
