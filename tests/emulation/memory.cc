#include "tests/emulation/memory.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "tests/emulation/watch.h"

namespace assay::emulation {

void* emulated_allocate(size_t bytes) {
  void* memory = nullptr;
  if (posix_memalign(&memory, 256, bytes) != 0) throw std::bad_alloc();
  if (bytes > 0) std::memset(memory, 0xFF, bytes);
  watch_allocate(memory, bytes);
  return memory;
}

void emulated_free(void* memory) {
  if (memory != nullptr) watch_free(memory);
  std::free(memory);
}

void emulated_upload(void* to, const void* from, size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
  watch_host_write(to, bytes);
}

void emulated_download(void* to, const void* from, size_t bytes) {
  if (bytes > 0) std::memcpy(to, from, bytes);
}

void emulated_fill(void* to, int byte, size_t bytes) {
  if (bytes > 0) std::memset(to, byte, bytes);
  watch_host_write(to, bytes);
}

}  // namespace assay::emulation
