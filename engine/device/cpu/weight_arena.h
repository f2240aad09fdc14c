// Memory for packed weights, on huge pages.
//
// One row's product runs at the speed at which memory is read, and hardware prefetch stops at the end of a page: from
// pages of 4 KiB a matrix was read at two thirds of the speed. The matrices of a small model are smaller than a huge
// page, so they lie side by side in large pieces.
#pragma once

#include <cstddef>
#include <memory>

namespace assay::engine {

// Memory aligned to 64 bytes; to 2 MiB, and on huge pages where the system gives them, if it is that large. Not
// initialised. Error(kUnavailable) where there is not enough.
struct FreeAligned {
  void operator()(std::byte* p) const;
};
using AlignedBytes = std::unique_ptr<std::byte[], FreeAligned>;
AlignedBytes allocate_aligned(size_t bytes);

// Not thread-safe. What was taken outlives the arena; a piece is freed when nothing of it is in use.
class WeightArena {
 public:
  // Aligned to 64 bytes, not initialised. Errors as above.
  std::shared_ptr<std::byte[]> take(size_t bytes);

 private:
  std::shared_ptr<std::byte[]> piece_;
  size_t size_ = 0;
  size_t used_ = 0;
};

}  // namespace assay::engine
