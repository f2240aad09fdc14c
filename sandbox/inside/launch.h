// One job on its way: started through an interpreter or by forking this process, until its report is there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sandbox/inside/cgroup.h"
#include "sandbox/inside/keeper.h"

namespace assay::sandbox {

// What a slot starts every job with.
struct Policy {
  Confinement confinement;  // reduced, without, and the layers that all processes here have already
  std::vector<sock_filter> filter;
};

// What an interpreter is for. One kind never serves as the other.
enum class Role { kCandidate, kJudge };

// A Python interpreter that waits in a jail of its own to be forked (interpreter.h).
struct Interpreter {
  Fd control;  // orders go here (zygote_order.h)
  std::string version;
  uint32_t layers = 0;  // of its own that hold its jobs too
};

class Running {
 public:
  // A program. Throws std::runtime_error where it cannot be started.
  static Running program(const Policy& policy, ControlGroup* group, const Limits& limits,
                         const std::vector<std::string>& command, const std::vector<int>& fds);
  // A fork of an interpreter, which is in `group` already and holds one job at a time: of a completion's in a jail of
  // the job's own, of a test's in the interpreter's.
  static Running fork_of(const Interpreter& interpreter, Role role, const Policy& policy, ControlGroup* group,
                         const Limits& limits, const std::vector<int>& fds);
  ~Running();
  Running(Running&&) noexcept = default;
  Running& operator=(Running&&) = delete;

  // Readable, or at its end, when the job and everything that it started is gone.
  int report_fd() const { return report_.get(); }
  // Ends the job, if it still runs.
  void give_up() { lifeline_.reset(); }
  // Waits for the report. Throws where the keeper died without one, or the job was not held by a required layer.
  Report finish();
  // Whether the kernel killed a process of the job for memory. After finish().
  bool out_of_memory() const { return out_of_memory_; }

 private:
  Running(ControlGroup* group, const Limits& limits);

  ControlGroup* group_ = nullptr;
  int64_t kills_before_ = 0;
  bool out_of_memory_ = false;
  pid_t keeper_ = -1;  // a child of this process; -1: a child of the interpreter
  Fd lifeline_;
  Fd report_;
};

// Names of layers, in the order of enum Layer, separated by spaces.
std::string layer_names(uint32_t bits);

}  // namespace assay::sandbox
