// Starts one job in a jail of its own, watches it, and says what became of it.
//
//   keeper      a process of this jail that has no other work until the job has ended: an interpreter that was waiting,
//     │         or a fork of a slot. Hears when the caller gives up, and waits for everything to end
//     └ init    process 1 in new namespaces: makes the file system, measures processor time, reaps, and takes every
//         │     process with it when it ends
//         └ the job
//
// Both are forks of the keeper. Nothing here throws or allocates: it also runs inside the interpreter.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "sandbox/inside/confine.h"
#include "sandbox/limits.h"

namespace assay::sandbox {

// What the keeper writes to its report pipe, once.
struct Report {
  enum class Ending : int32_t {
    kExited,
    kSignalled,
    kTimeout,   // processor or wall time
    kGivenUp,   // the caller closed the lifeline
    kNotHeld,   // a layer could not be put on, so nothing was run
    kNotFound,  // the command could not be executed: `error` says why
  };
  Ending ending = Ending::kNotHeld;
  int32_t status = 0;  // exit status or signal
  int32_t error = 0;   // errno
  uint32_t files_full = 0;
  Confinement confinement;
  double cpu_seconds = 0;  // of init and all that it reaped
  double wall_seconds = 0;
  int64_t peak_kib = 0;  // resident, of the largest process
};

struct KeeperJob {
  Limits limits;
  Confinement confinement;  // what to leave out; layers that are `in_force` hold the keeper already, and so the job
  Filter filter;
  const RootView* root = nullptr;  // null: the keeper's root is kept
  unsigned inside_id = 1000;
  char* const* command = nullptr;  // null: keep_job() returns in the job instead of executing something
  // Descriptors of the job, as 0, 1, 2, ...; every other one is closed.
  const int* fds = nullptr;
  int fd_count = 0;
  int lifeline = -1;  // the read end of a pipe: at its end the job is ended
  int report = -1;
};

enum class Where { kKeeper, kJob };

// The same without namespaces and init of its own: a fork of the keeper in the keeper's jail, locked down and watched
// like any other. For tests, which are the benchmark's own text: it takes half the time.
Where keep_in_own_jail(const KeeperJob& job);

// kKeeper: the job has ended, and so has everything that it started; the report is written. kJob: this is the job
// itself, locked down (only without a command).
Where keep_job(const KeeperJob& job);

}  // namespace assay::sandbox
