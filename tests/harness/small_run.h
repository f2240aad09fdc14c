// A run of a tiny model on two small tasks of its own: 60 likelihood samples with four options, and 12 greedy texts.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tests/harness/assay.h"

namespace assay::testing {

class SmallRun {
 public:
  // `shared_model`: the folder of stories260K. Copies it, writes the tasks and runs them as the batch "night".
  explicit SmallRun(const std::filesystem::path& shared_model);

  std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }
  std::filesystem::path model() const { return folder_ / "model"; }
  std::filesystem::path database() const { return folder_ / "assay.db"; }
  std::filesystem::path tasks() const { return folder_ / "tasks"; }

  // `assay COMMAND ...` with the database and, where the command has it, --tasks-dir.
  Outcome replay(std::vector<std::string> more) const;
  Outcome certify(const std::string& run, const std::filesystem::path& out) const;
  Outcome verify(const std::filesystem::path& certificate, std::vector<std::string> more = {}) const;

 private:
  TemporaryFolder folder_;
};

// Flips the top exponent bit of one f32 weight of a tensor in DIR/model.safetensors.
void flip_top_exponent_bit(const std::filesystem::path& folder, const std::string& tensor, size_t element);

}  // namespace assay::testing
