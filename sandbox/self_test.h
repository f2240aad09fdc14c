// Whether each layer does here what it is there for: tried in a jail, not read off the kernel's version.
#pragma once

#include <string>
#include <vector>

#include "sandbox/jail.h"

namespace assay::sandbox {

struct LayerReport {
  std::string name;
  bool in_force = false;
  bool tested = false;  // false: not in force, or nothing shows it while the others hold
  bool passed = false;
  std::string detail;  // what was tried, and what came of it
};

// One line a layer, in the order of docs/sandbox.md; layers that this machine lacks are among them. Some seconds. Error
// as Jail.
std::vector<LayerReport> self_test(const JailOptions& options);

}  // namespace assay::sandbox
