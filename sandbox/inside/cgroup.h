// Control groups: memory and number of processes of a job as a whole. Version 2 where memory and pids are delegated to
// us, else version 1, else none.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sandbox/inside/sys.h"
#include "sandbox/limits.h"

namespace assay::sandbox {

// One group, used by one job after another. Its files are opened by whoever may make it, so that it can be used after
// all rights have been given up.
class ControlGroup {
 public:
  // Bounds the next job.
  bool set_limits(const Limits& limits);
  // Moves this process into it. False with errno.
  bool join() const;
  // Processes that the kernel killed here for memory, since the beginning; -1: not known.
  int64_t kills() const;

  std::vector<std::string> folders;
  std::vector<Fd> members;  // cgroup.procs of each folder
  Fd memory_limit;
  Fd swap_limit;  // not everywhere
  Fd process_limit;
  Fd events;  // has a line "oom_kill N"

 private:
  int64_t memory_mib_ = -1;
  int64_t processes_ = -1;
};

class ControlGroups {
 public:
  // `count` groups, or none where this machine does not let us.
  static ControlGroups make(int count);

  std::vector<ControlGroup>& groups() { return groups_; }
  bool empty() const { return groups_.empty(); }
  // For whoever made them; waits up to a second for the last process in them to be gone.
  void remove();

 private:
  bool make_v2(int count);
  bool make_v1(int count);

  std::vector<ControlGroup> groups_;
  std::vector<std::string> parents_;
};

}  // namespace assay::sandbox
