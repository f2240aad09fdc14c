// Emulated device memory: heap blocks of exactly the size that was asked for, so that the sanitizers see an overrun,
// full of 0xFF, which is a NaN in every floating-point type. Thread-safe in the plain build.
#pragma once

#include <cstddef>

namespace assay::emulation {

// Aligned to 256 bytes, as cudaMalloc's.
void* emulated_allocate(size_t bytes);
void emulated_free(void* memory);
// The host writes and reads; `to` and `from` on the device's side may lie anywhere inside an allocation.
void emulated_upload(void* to, const void* from, size_t bytes);
void emulated_download(void* to, const void* from, size_t bytes);
void emulated_fill(void* to, int byte, size_t bytes);

}  // namespace assay::emulation
