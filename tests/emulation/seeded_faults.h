// Kernels with one fault each, as they happen to careful people, and which build finds which.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/emulation/fault.h"

namespace assay::testing {

enum class Found {
  kNot,        // right values, no complaint
  kByValues,   // wrong values
  kByRule,     // the emulation or its checker names the rule that is broken
  kSanitizer,  // the address or the undefined-behaviour sanitizer ends the program
};

struct SeededFault {
  const char* name;
  // Runs the kernel; true where its result is right.
  bool (*right)();
  // Threads by their numbers, without checker; the same in some random order; sanitized; checked.
  Found by_number;
  Found random;
  Found sanitized;
  Found checked;
  std::optional<emulation::Rule> rule;  // the broken one: of every build, or of the checked one alone
};

// Three files of them: order of threads, warps, memory.
std::vector<SeededFault> faults_of_order();
std::vector<SeededFault> faults_of_warps();
std::vector<SeededFault> faults_of_memory();

}  // namespace assay::testing
