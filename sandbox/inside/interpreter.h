// A Python interpreter that waits in a jail of its own to be forked: warm, so that a job costs a fork and not a start.
#pragma once

#include <string>
#include <vector>

#include "sandbox/inside/launch.h"
#include "sandbox/inside/sys.h"

namespace assay::sandbox {

// One that is being started; wait_until_ready() turns it into an Interpreter.
struct Starting {
  Fd control;
  Fd errors;  // what it says of a failure
  pid_t launcher = -1;
};

// Both must be called before any job is read. `group`: to join; null: none. Throw std::runtime_error, the second with
// what the interpreter said.
Starting start_interpreter(const Policy& policy, const std::string& python, Role role, const ControlGroup* group);
Interpreter wait_until_ready(Starting starting, const std::string& python);

// Interpreters worth trying, best first: `asked`, if it is not empty, else those in the folders of the system. A file
// that is a script (a version shim) is left out; `passed_over` says so.
std::vector<std::string> find_pythons(const std::string& asked, std::string& passed_over);

}  // namespace assay::sandbox
