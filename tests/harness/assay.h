// The program under test, and its JSON.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.h"
#include "tests/support/program.h"
#include "tests/support/temporary_folder.h"

namespace assay::testing {

inline Outcome assay(std::vector<std::string> arguments, std::map<std::string, std::string> environment = {}) {
  return run_program(ASSAY_PROGRAM, {std::move(arguments), std::move(environment), {}, 0, 0});
}

// The same, expected to succeed.
inline Outcome assay_ok(std::vector<std::string> arguments, std::map<std::string, std::string> environment = {}) {
  std::string shown;
  for (const std::string& argument : arguments) shown += argument + " ";
  const Outcome outcome = assay(std::move(arguments), std::move(environment));
  EXPECT_EQ(outcome.exit, 0) << shown << "\n" << outcome.err;
  return outcome;
}

inline std::vector<nlohmann::json> read_json_lines(const std::filesystem::path& path) {
  std::vector<nlohmann::json> lines;
  const std::string text = read_text_file(path);
  for (std::string_view line : split_lines(text)) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

}  // namespace assay::testing
