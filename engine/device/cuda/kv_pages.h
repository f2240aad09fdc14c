// The paged cache of keys and values of all layers (layout.h), and the rotations beside it.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/device/cuda/runtime.h"

namespace assay::engine::cuda {

class KvPages final : public KvCache {
 public:
  KvPages(Runtime& runtime, const CacheShape& shape, DataType type);

  const CacheShape& shape() const { return shape_; }
  void* layer(int index) const;

  static int64_t page_bytes(const CacheShape& shape, DataType type);  // in all layers

 private:
  CacheShape shape_;
  size_t layer_bytes_ = 0;
  std::shared_ptr<void> memory_;
};

// cos and sin of rotation_angle(position, frequency): the functions in f64, kept in f32 as kernels/rope.h wants them.
// Grows with the largest position seen.
class RotationTable {
 public:
  explicit RotationTable(Runtime& runtime) : runtime_(runtime) {}
  const float* prepare(std::span<const float> frequencies, int positions);
  // The table, if it reaches so far; else null.
  std::shared_ptr<void> covering(int positions) const { return positions <= positions_ ? table_ : nullptr; }

 private:
  Runtime& runtime_;
  std::vector<float> frequencies_;
  int positions_ = 0;
  std::shared_ptr<void> table_;
};

}  // namespace assay::engine::cuda
