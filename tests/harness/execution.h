// How this machine can execute programs that models write, for tests that score the demo.
#pragma once

#include <string>
#include <vector>

#include "tests/harness/assay.h"

namespace assay::testing {

// Options of `assay run`: none where every layer of the jail is there, else a reduced jail, else no execution.
inline const std::vector<std::string>& execution() {
  static const std::vector<std::string> options = [] {
    if (assay({"sandbox", "run", "--", "true"}).exit != 69) return std::vector<std::string>{};
    if (assay({"sandbox", "run", "--sandbox", "reduced", "--", "true"}).exit != 69) {
      return std::vector<std::string>{"--sandbox", "reduced"};
    }
    return std::vector<std::string>{"--no-execute"};
  }();
  return options;
}

inline bool executes() {
  return execution().empty() || execution().front() != "--no-execute";
}

inline std::vector<std::string> with_execution(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), execution().begin(), execution().end());
  return arguments;
}

}  // namespace assay::testing
