// Runs a program as a person or a script would, and says what happened.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace assay::testing {

struct Outcome {
  int exit = -1;    // exit status; -1 where a signal ended it
  int signal = 0;   // that ended it
  std::string out;  // standard output
  std::string err;  // standard error
};

struct Launch {
  std::vector<std::string> arguments;              // without the program's own name
  std::map<std::string, std::string> environment;  // on top of this process's
  std::filesystem::path folder;                    // to run in; empty: this one
  double kill_after = 0;                           // seconds until SIGKILL; 0: never
  int signal_after = 0;                            // the signal to send instead of SIGKILL; 0: SIGKILL
};

Outcome run_program(const std::filesystem::path& program, const Launch& launch);

}  // namespace assay::testing
