// The functions that g++ calls before every memory access of code compiled with -fsanitize=thread. The thread
// sanitizer's own library is not linked: these stand in its place and pass a kernel's accesses to the race checker.
#include <cstddef>

#include "tests/emulation/machine.h"
#include "tests/emulation/schedule.h"
#include "tests/emulation/watch.h"

// Of the linker: the first byte of this program's image in memory and the one behind its last.
extern "C" const char __executable_start;
extern "C" const char end;

namespace assay::emulation {
namespace {

bool in_builtin_variable(const void* address) {
  const auto* byte = static_cast<const char*>(address);
  const auto inside = [&](const auto& variable) {
    const auto* start = reinterpret_cast<const char*>(&variable);
    return byte >= start && byte < start + sizeof(variable);
  };
  return inside(threadIdx) || inside(blockIdx) || inside(blockDim) || inside(gridDim);
}

bool in_program(const void* address) {
  return address >= static_cast<const void*>(&__executable_start) && address < static_cast<const void*>(&end);
}

// Local variables are a thread's own; the program's constants may be read by everybody.
void touched(const void* address, size_t bytes, Access access, const void* code) {
  if (!kernel_code_runs()) return;
  const EmulatorScope scope;
  if (on_own_stack(address) || in_builtin_variable(address)) return;
  if (access == Access::kRead && in_program(address)) return;
  const int every = schedule().accesses_per_switch;
  if (every > 0 && schedule_random(static_cast<uint32_t>(every)) == 1) give_way();
  try {
    watch_access(current_thread(), address, bytes, access);
  } catch (const Fault& fault) {
    // The caller's frame expects no exception from here.
    const auto offset = static_cast<const char*>(code) - &__executable_start;
    drop_thread(Fault(fault.rule(), fmt::format("{} (addr2line -Cfipe PROGRAM {:#x})", fault.what(), offset - 1)));
  }
}

}  // namespace
}  // namespace assay::emulation

using assay::emulation::Access;
using assay::emulation::touched;

extern "C" {

#define ASSAY_HOOK(name, bytes, access)                           \
  void name(void* address) {                                      \
    touched(address, bytes, access, __builtin_return_address(0)); \
  }

ASSAY_HOOK(__tsan_read1, 1, Access::kRead)
ASSAY_HOOK(__tsan_read2, 2, Access::kRead)
ASSAY_HOOK(__tsan_read4, 4, Access::kRead)
ASSAY_HOOK(__tsan_read8, 8, Access::kRead)
ASSAY_HOOK(__tsan_read16, 16, Access::kRead)
ASSAY_HOOK(__tsan_unaligned_read2, 2, Access::kRead)
ASSAY_HOOK(__tsan_unaligned_read4, 4, Access::kRead)
ASSAY_HOOK(__tsan_unaligned_read8, 8, Access::kRead)
ASSAY_HOOK(__tsan_unaligned_read16, 16, Access::kRead)
ASSAY_HOOK(__tsan_write1, 1, Access::kWrite)
ASSAY_HOOK(__tsan_write2, 2, Access::kWrite)
ASSAY_HOOK(__tsan_write4, 4, Access::kWrite)
ASSAY_HOOK(__tsan_write8, 8, Access::kWrite)
ASSAY_HOOK(__tsan_write16, 16, Access::kWrite)
ASSAY_HOOK(__tsan_unaligned_write2, 2, Access::kWrite)
ASSAY_HOOK(__tsan_unaligned_write4, 4, Access::kWrite)
ASSAY_HOOK(__tsan_unaligned_write8, 8, Access::kWrite)
ASSAY_HOOK(__tsan_unaligned_write16, 16, Access::kWrite)

void __tsan_read_range(void* address, unsigned long bytes) {
  touched(address, bytes, Access::kRead, __builtin_return_address(0));
}
void __tsan_write_range(void* address, unsigned long bytes) {
  touched(address, bytes, Access::kWrite, __builtin_return_address(0));
}

// Of no interest.
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}

}  // extern "C"
