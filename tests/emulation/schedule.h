// In which order threads and blocks run. CUDA promises none, so a kernel must give the same bits in all of them.
#pragma once

#include <cstdint>

namespace assay::emulation {

struct Schedule {
  // 0: blocks and threads in the order of their numbers. Else random, the same for the same seed and the same launches
  // since set_schedule.
  uint64_t seed = 0;
  // In the checked build, with a seed: a thread is interrupted at one of so many memory accesses. 0: never.
  int accesses_per_switch = 0;
};

// For launches of this thread from now on.
void set_schedule(const Schedule& schedule);
Schedule schedule();

}  // namespace assay::emulation
