// The key-value cache of a CPU, f32, and the table of rotations beside it.
//
// One chunk per layer, page and key head, contiguous:
//   keys   [head_dim][kPageTokens]   transposed, so that vector lanes run over positions in Q K^T
//   values [kPageTokens][head_dim]   so that lanes run over the head's dimensions in P V
// Memory is mapped, never filled: a page costs memory once it is written, in units of up to 2 MB. Kernels load whole
// vectors of 16 floats, so a head_dim that is not a multiple of 16 reads past the end of its chunk; the mapping is
// padded for the last one, and what such lanes hold is never stored.
//
// Thread-safety: distinct positions may be written, and anything read, from several threads; `rotations` is prepared by
// one thread before others read it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/device/cpu/thread_pool.h"
#include "engine/device/device.h"

namespace assay::engine {

// cos and sin of rotation_angle(position, frequency): the functions in f64, kept in f32. Grows with the largest
// position seen; an entry depends on its position and the frequencies alone.
class Rotations {
 public:
  void prepare(ThreadPool& pool, std::span<const float> frequencies, int positions);
  const float* cosines(int position) const { return table_.data() + size_t(position) * 2 * frequencies_.size(); }
  const float* sines(int position) const { return cosines(position) + frequencies_.size(); }

 private:
  std::vector<float> frequencies_;
  std::vector<float> table_;  // (positions, 2, frequencies): cosines, then sines
};

class CpuKvCache final : public KvCache {
 public:
  // Error(kUnavailable) where the address space for it is refused.
  explicit CpuKvCache(const CacheShape& shape);
  ~CpuKvCache() override;
  CpuKvCache(const CpuKvCache&) = delete;
  CpuKvCache& operator=(const CpuKvCache&) = delete;

  const CacheShape& shape() const { return shape_; }
  // Floats between a key head's chunk of one page and that of the next page.
  size_t page_stride() const { return chunk_ * static_cast<size_t>(shape_.kv_heads); }
  // Chunk of page 0.
  float* chunks(int layer, int kv_head) const {
    return memory_ + static_cast<size_t>(layer) * static_cast<size_t>(shape_.pages) * page_stride() +
           static_cast<size_t>(kv_head) * chunk_;
  }
  float* keys(int layer, int kv_head, int page) const {
    return chunks(layer, kv_head) + static_cast<size_t>(page) * page_stride();
  }
  float* values(int layer, int kv_head, int page) const { return keys(layer, kv_head, page) + chunk_ / 2; }

  Rotations rotations;

 private:
  CacheShape shape_;
  size_t chunk_ = 0;  // floats
  size_t bytes_ = 0;  // of the mapping
  float* memory_ = nullptr;
};

}  // namespace assay::engine
