// What the tests of this folder share.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/checkpoint/checkpoint.h"
#include "tests/support/golden.h"

namespace assay::engine::testing {

// A folder that is there while the object lives.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }
  // Plain writing: thousands of files are written here, and nobody needs them after a crash. Makes the parent folders.
  std::filesystem::path write(const std::string& name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

// The values of a weight, row by row.
std::vector<float> read_all(const WeightMatrix& matrix);

// Every weight of a checkpoint in one list, layer by layer; those of no layer are among those of the first.
std::vector<float> read_all(const Checkpoint& checkpoint);

// Runs `action`, which must throw assay::Error; adds a test failure where it does not, or where the message is not one
// line. Returns the error.
Error error_of(const std::function<void()>& action, const std::string& label);

// A safetensors file: the header's JSON, and `data_bytes` of zeros behind it.
std::string make_safetensors(const std::string& header, size_t data_bytes);

}  // namespace assay::engine::testing
