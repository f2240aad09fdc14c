// What this machine offers to the program, and the command that mends what is missing.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace assay::harness {

struct Finding {
  std::string what;     // "processor", "data: mmlu"
  std::string found;    // what there is
  std::string problem;  // what is wrong with it; empty: nothing
  std::string mend;     // a command for a shell; there is one wherever there is a problem
};

// Looks, and changes nothing. `database`, `data_dir`: as the options --db and --data-dir say. Never throws for what it
// finds: that is a problem of the list.
std::vector<Finding> examine_machine(const std::string& database, const std::optional<std::string>& data_dir);

}  // namespace assay::harness
