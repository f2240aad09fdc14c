// Runs against a server of the test's own process: 2,000 calls of two small tasks, in a folder whose every file can be
// searched afterwards.
#pragma once

#include <string>
#include <vector>

#include "tests/engine/remote/model_server.h"
#include "tests/harness/assay.h"

namespace assay::testing {

// What no file and no stream may hold.
inline constexpr char kTestKey[] = "sk-test-0815-never-written";

class EndpointFolder {
 public:
  // `riddles`: `texts` questions that are answered with a text; `choices`: `choices` with two options.
  explicit EndpointFolder(size_t texts = 1000, size_t choices = 500);

  // `assay run` with the tasks, the database and the key; its process number is in pid().
  Outcome run(std::vector<std::string> more) const;
  // Another command, with the database.
  Outcome with_database(std::vector<std::string> arguments) const;
  // `assay export --stable` of both runs.
  std::string stable_export(const std::string& batch) const;
  nlohmann::json show(const std::string& run) const;

  // Of the last run; 0 before the first.
  int pid() const;
  std::string operator/(const std::string& name) const { return folder_ / name; }
  // Files and outputs that hold the key, of all so far; how many bytes were searched.
  std::vector<std::string> places_of_the_key(size_t& bytes) const;

 private:
  Outcome remember(Outcome outcome) const;

  TemporaryFolder folder_;
  mutable std::vector<std::string> outputs_;
};

}  // namespace assay::testing
