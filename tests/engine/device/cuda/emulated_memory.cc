#include "tests/emulation/memory.h"
#include "tests/engine/device/cuda/device_buffer.h"

namespace assay::testing {

void* device_allocate(size_t bytes) {
  return emulation::emulated_allocate(bytes);
}
void device_free(void* memory) {
  emulation::emulated_free(memory);
}
void device_upload(void* to, const void* from, size_t bytes) {
  emulation::emulated_upload(to, from, bytes);
}
void device_download(void* to, const void* from, size_t bytes) {
  emulation::emulated_download(to, from, bytes);
}

}  // namespace assay::testing
