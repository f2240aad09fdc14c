// What the emulation refuses. Each is a broken rule of the CUDA programming guide or the PTX manual, or one of the few
// rules that this project sets on top (docs/cuda-testing.md); the real device would mostly go on with wrong numbers.
#pragma once

#include <string>

#include "base/error.h"

namespace assay::emulation {

enum class Rule {
  // found in every build
  kBarrierAfterExit,   // __syncthreads that a thread has left the kernel without reaching
  kDifferentBarriers,  // threads of one block wait at different __syncthreads
  kNotNamed,           // a lane calls a warp operation whose mask does not name it
  kExitedLane,         // a warp operation names a lane that has left the kernel or never was
  kDifferentCalls,     // lanes named by one mask wait at different warp operations
  kShuffleSource,      // a shuffle reads a lane that the mask does not name
  kDeadlock,           // every thread waits
  kMisaligned,         // an address that ldmatrix or cp.async wants aligned to 16 bytes
  kOutsideShared,      // ldmatrix or the target of cp.async outside the block's shared memory
  kSharedTooSmall,     // shared_as of a larger struct than the launch asked for
  kUnfinishedAtExit,   // a thread leaves the kernel with cp.async copies in flight
  kNestedLaunch,       // launch inside a kernel
  // found by the race checker alone
  kRace,            // two threads, one address, at least one writes, nothing orders them
  kUnwritten,       // a read of memory that nobody has written
  kOutsideMemory,   // an access outside device memory and the block's shared memory
  kUnfinishedCopy,  // the target of a cp.async is touched before the wait
  kForeignStack,    // an access to another thread's local variables
};

const char* name_of(Rule rule);

class Fault : public Error {
 public:
  Fault(Rule rule, const std::string& message) : Error(ExitCode::kInternal, message), rule_(rule) {}
  Rule rule() const { return rule_; }

 private:
  Rule rule_;
};

}  // namespace assay::emulation
