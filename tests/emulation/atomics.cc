#include "tests/emulation/machine.h"
#include "tests/emulation/watch.h"

// One thread runs at a time, so the addition is whole; only the order is random.
int atomicAdd(int* address, int value) {
  const assay::emulation::EmulatorScope scope;
  assay::emulation::watch_access(assay::emulation::current_thread(), address, sizeof(int),
                                 assay::emulation::Access::kAtomic);
  const int before = *address;
  *address = static_cast<int>(static_cast<unsigned>(before) + static_cast<unsigned>(value));
  return before;
}
