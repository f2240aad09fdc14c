// What the emulation tells about memory to whoever watches it. Two libraries define these functions: in the plain one
// they do nothing (watch_nothing.cc), in the checked one they are the race checker (checker.cc).
#pragma once

#include <cstddef>
#include <cstdint>

namespace assay::emulation {

enum class Access { kRead, kWrite, kAtomic };

// Device memory: exists, is gone, was written by the host.
void watch_allocate(const void* memory, size_t bytes);
void watch_free(const void* memory);
void watch_host_write(const void* memory, size_t bytes);

// A launch orders everything before it before everything in it.
void watch_launch();
void watch_block(const void* shared, size_t bytes, int threads);
void watch_block_end();
// All threads of the block are at a barrier.
void watch_barrier();
// The lanes `mask` of a warp are at __syncwarp.
void watch_syncwarp(int warp, uint32_t mask);

// An access of the block's thread number `thread`. Throws Fault.
void watch_access(int thread, const void* memory, size_t bytes, Access access);
// cp.async: from its call to the wait that covers it nobody may touch the target. Throws Fault.
void watch_copy_begin(int thread, const void* target, size_t bytes);
void watch_copy_end(int thread, const void* target, size_t bytes);

// Whether accesses are watched in this build.
bool accesses_are_watched();

}  // namespace assay::emulation
