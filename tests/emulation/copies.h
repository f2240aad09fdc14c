// cp.async: the strictest reading. The target holds NaN from the call on, and the bytes arrive no earlier than the wait
// that covers them.
#pragma once

namespace assay::emulation {

// 16 bytes; zeros where `valid` is false.
void copy_begin(void* to_shared, const void* from, bool valid);
void copy_commit();
// Until at most `pending` groups of the calling thread are in flight.
void copy_wait(int pending);

// --- for machine.cc
void reset_copies(int threads);
// Fault where the calling thread leaves the kernel with copies that it never waited for.
void leave_copies();

}  // namespace assay::emulation
