// Attacks as data: tests/cases/sandbox/*.case, of which processes.case says how they are written.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "sandbox/jail.h"

namespace assay::sandbox {

struct Attack {
  enum class How { kPython, kShell, kGrade };

  std::string where;  // file and line, for messages
  std::string name;
  How how = How::kPython;
  std::vector<std::string> ends;                 // outcomes or verdicts, one of which is right
  std::vector<std::string> ends_without_groups;  // where there are no control groups; empty: the same
  std::vector<std::string> prints;               // what its output must hold
  std::vector<std::string> never;                // and what it must not
  double most_cpu_seconds = 1e9;                 // that it may have used
  Limits limits;
  std::string program;  // of kGrade: the completion
  std::string prompt;
  std::string test;
};

// Every case of every file in the folder. Throws std::runtime_error with file and line where one is not well formed.
std::vector<Attack> read_attacks(const std::filesystem::path& folder);

// What becomes of it, whichever way it is run.
struct Happened {
  std::string outcome;  // by name
  std::vector<std::string> layers;
  std::string said;  // everything that came out of the jail
  double cpu_ms = 0;
  double wall_ms = 0;
};
std::future<Happened> start(Jail& jail, const Attack& attack);

}  // namespace assay::sandbox
