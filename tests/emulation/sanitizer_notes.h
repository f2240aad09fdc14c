// What the address sanitizer must be told when a stack is left for another (sanitizer/common_interface_defs.h); nothing
// in a build without it.
#pragma once

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace assay::emulation {

#if defined(__SANITIZE_ADDRESS__)
// Before a switch to the stack bottom .. bottom + bytes. `fake_stack` is null where the present stack ends for good.
inline void note_switch_begins(void** fake_stack, const void* bottom, size_t bytes) {
  __sanitizer_start_switch_fiber(fake_stack, bottom, bytes);
}
// After it, on the new stack; gives the stack that was left.
inline void note_switch_ended(void* fake_stack, const void** old_bottom, size_t* old_bytes) {
  __sanitizer_finish_switch_fiber(fake_stack, old_bottom, old_bytes);
}
// A stack whose functions never returned is used again.
inline void unpoison_stack(const void* bottom, size_t bytes) {
  __asan_unpoison_memory_region(bottom, bytes);
}
#else
inline void note_switch_begins(void**, const void*, size_t) {}
inline void note_switch_ended(void*, const void**, size_t*) {}
inline void unpoison_stack(const void*, size_t) {}
#endif

}  // namespace assay::emulation
