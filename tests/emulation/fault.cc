#include "tests/emulation/fault.h"

namespace assay::emulation {

const char* name_of(Rule rule) {
  switch (rule) {
    case Rule::kBarrierAfterExit:
      return "barrier after an exit";
    case Rule::kDifferentBarriers:
      return "different barriers";
    case Rule::kNotNamed:
      return "lane not named by its mask";
    case Rule::kExitedLane:
      return "exited lane";
    case Rule::kDifferentCalls:
      return "different warp operations";
    case Rule::kShuffleSource:
      return "shuffle from a lane outside the mask";
    case Rule::kDeadlock:
      return "deadlock";
    case Rule::kMisaligned:
      return "misaligned address";
    case Rule::kOutsideShared:
      return "outside shared memory";
    case Rule::kSharedTooSmall:
      return "shared memory too small";
    case Rule::kUnfinishedAtExit:
      return "copies in flight at exit";
    case Rule::kNestedLaunch:
      return "launch inside a kernel";
    case Rule::kRace:
      return "race";
    case Rule::kUnwritten:
      return "read of unwritten memory";
    case Rule::kOutsideMemory:
      return "access outside memory";
    case Rule::kUnfinishedCopy:
      return "touch of an unfinished copy";
    case Rule::kForeignStack:
      return "access to another thread's variables";
  }
  return "unknown rule";
}

}  // namespace assay::emulation
