#include "tests/emulation/shadow.h"

#include <new>

namespace assay::emulation {

void Shadow::add(const void* memory, size_t bytes) {
  // Cells that nobody touches take no memory: calloc leaves them to the kernel's page of zeros.
  auto* cells = static_cast<Cell*>(std::calloc(bytes / 2 + 1, sizeof(Cell)));
  if (cells == nullptr) throw std::bad_alloc();
  regions_[static_cast<const char*>(memory)] = {bytes, std::unique_ptr<Cell[], Free>(cells)};
}

void Shadow::remove(const void* memory) {
  regions_.erase(static_cast<const char*>(memory));
}

Shadow::Place Shadow::find(const void* address) {
  auto after = regions_.upper_bound(static_cast<const char*>(address));
  if (after == regions_.begin()) return {};
  --after;
  return {after->second.cells.get(), after->first, after->second.bytes};
}

}  // namespace assay::emulation
