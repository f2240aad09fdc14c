// A folder in which the examples of the help and of the documents have something to work on: the models, runs and files
// that they name, all tiny.
#pragma once

#include <filesystem>
#include <string>

#include "tests/harness/assay.h"

namespace assay::testing {

class ExampleFolder {
 public:
  // `models`, `datasets`: of the reference data.
  ExampleFolder(const std::filesystem::path& models, const std::filesystem::path& datasets);

  // Runs a line of a shell in a fresh copy of the folder, with the program on its PATH.
  Outcome run(const std::string& line) const;

 private:
  void add_model(const std::string& name, const std::filesystem::path& published);
  void add_hidden_set();
  void add_runs();
  void add_files();

  TemporaryFolder folder_;
};

}  // namespace assay::testing
