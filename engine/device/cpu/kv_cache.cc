#include "engine/device/cpu/kv_cache.h"

#include <sys/mman.h>

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "engine/device/cpu/parallel_rows.h"
#include "engine/device/rotation.h"

namespace assay::engine {

void Rotations::prepare(ThreadPool& pool, std::span<const float> frequencies, int positions) {
  if (!std::equal(frequencies_.begin(), frequencies_.end(), frequencies.begin(), frequencies.end())) {
    frequencies_.assign(frequencies.begin(), frequencies.end());
    table_.clear();
  }
  const size_t row = 2 * frequencies_.size();
  if (row == 0 || table_.size() >= static_cast<size_t>(positions) * row) return;
  constexpr int kStep = 256;  // decoding grows the table by one position a step
  const int done = static_cast<int>(table_.size() / row);
  const int wanted = (positions + kStep - 1) / kStep * kStep;
  table_.resize(static_cast<size_t>(wanted) * row);
  parallel_rows(pool, wanted - done, 100 * row, [&](int begin, int end) {
    for (int position = done + begin; position < done + end; ++position) {
      float* cosines = table_.data() + static_cast<size_t>(position) * row;
      for (size_t i = 0; i < frequencies_.size(); ++i) {
        const double angle = rotation_angle(position, frequencies_[i]);
        cosines[i] = static_cast<float>(std::cos(angle));
        cosines[frequencies_.size() + i] = static_cast<float>(std::sin(angle));
      }
    }
  });
}

CpuKvCache::CpuKvCache(const CacheShape& shape)
    : shape_(shape), chunk_(size_t{2} * kPageTokens * static_cast<size_t>(shape.head_dim)) {
  constexpr size_t kOverread = 16 * sizeof(float);  // one vector past the last chunk
  bytes_ =
      static_cast<size_t>(shape.layers) * static_cast<size_t>(shape.pages) * page_stride() * sizeof(float) + kOverread;
  void* mapped = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) {
    fail(ExitCode::kUnavailable, "the system refuses {} bytes for a key-value cache of {} pages: lower --memory",
         bytes_, shape.pages);
  }
  // Only a wish: decoding reads the cache a fifth faster from pages of 2 MB, at the price of rounding up to them.
  madvise(mapped, bytes_, MADV_HUGEPAGE);
  memory_ = static_cast<float*>(mapped);
}

CpuKvCache::~CpuKvCache() {
  munmap(memory_, bytes_);
}

}  // namespace assay::engine
