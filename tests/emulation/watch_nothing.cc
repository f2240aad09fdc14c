// Nobody watches: the plain and the sanitized build.
#include "tests/emulation/watch.h"

namespace assay::emulation {

void watch_allocate(const void*, size_t) {}
void watch_free(const void*) {}
void watch_host_write(const void*, size_t) {}
void watch_launch() {}
void watch_block(const void*, size_t, int) {}
void watch_block_end() {}
void watch_barrier() {}
void watch_syncwarp(int, uint32_t) {}
void watch_access(int, const void*, size_t, Access) {}
void watch_copy_begin(int, const void*, size_t) {}
void watch_copy_end(int, const void*, size_t) {}
bool accesses_are_watched() {
  return false;
}

}  // namespace assay::emulation
