#include "engine/device/cpu/weight_arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>

#include "base/error.h"

namespace assay::engine {
namespace {

constexpr size_t kHugePage = size_t{2} << 20;
constexpr size_t kPiece = size_t{32} << 20;
constexpr size_t kAlignment = 64;

}  // namespace

void FreeAligned::operator()(std::byte* p) const {
  std::free(p);
}

AlignedBytes allocate_aligned(size_t bytes) {
  const size_t alignment = bytes >= kHugePage ? kHugePage : kAlignment;
  void* memory = nullptr;
  if (posix_memalign(&memory, alignment, std::max<size_t>(bytes, 1)) != 0) {
    fail(ExitCode::kUnavailable,
         "{} MiB of memory are not there; give a smaller model, --dtype bf16 or a smaller --step-tokens", bytes >> 20);
  }
  if (alignment == kHugePage) {
    (void)madvise(memory, bytes, MADV_HUGEPAGE);  // where it is refused, all is right and slower
  }
  return AlignedBytes(static_cast<std::byte*>(memory));
}

std::shared_ptr<std::byte[]> WeightArena::take(size_t bytes) {
  const size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (piece_ == nullptr || rounded > size_ - used_) {
    size_ = std::max(kPiece, (rounded + kHugePage - 1) / kHugePage * kHugePage);
    piece_ = allocate_aligned(size_);
    used_ = 0;
  }
  const std::shared_ptr<std::byte[]> taken(piece_, piece_.get() + used_);
  used_ += rounded;
  return taken;
}

}  // namespace assay::engine
