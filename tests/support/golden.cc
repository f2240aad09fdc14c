#include "tests/support/golden.h"

#include <cstdlib>

namespace assay::testing {

std::filesystem::path shared_path(const std::string& relative) {
  const char* named = std::getenv("ASSAY_SHARED");
  const std::filesystem::path path = std::filesystem::path(named != nullptr ? named : "../shared") / relative;
  std::error_code missing;
  if (!std::filesystem::exists(path, missing)) return {};
  if (std::filesystem::is_directory(path, missing) && std::filesystem::is_empty(path, missing)) return {};
  return std::filesystem::absolute(path);
}

}  // namespace assay::testing
