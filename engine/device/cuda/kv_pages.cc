#include "engine/device/cuda/kv_pages.h"

#include <algorithm>
#include <cmath>

#include "engine/device/rotation.h"

namespace assay::engine::cuda {

int64_t KvPages::page_bytes(const CacheShape& shape, DataType type) {
  return int64_t{2} * shape.layers * shape.kv_heads * shape.head_dim * kPageTokens *
         static_cast<int64_t>(bytes_of(type));
}

KvPages::KvPages(Runtime& runtime, const CacheShape& shape, DataType type)
    : shape_(shape),
      layer_bytes_(static_cast<size_t>(page_bytes(shape, type)) / static_cast<size_t>(shape.layers) *
                   static_cast<size_t>(shape.pages)),
      memory_(runtime.allocate(layer_bytes_ * static_cast<size_t>(shape.layers))) {}

void* KvPages::layer(int index) const {
  return static_cast<std::byte*>(memory_.get()) + layer_bytes_ * static_cast<size_t>(index);
}

const float* RotationTable::prepare(std::span<const float> frequencies, int positions) {
  const bool same = std::equal(frequencies_.begin(), frequencies_.end(), frequencies.begin(), frequencies.end());
  if (same && positions <= positions_) return static_cast<const float*>(table_.get());
  frequencies_.assign(frequencies.begin(), frequencies.end());
  constexpr int kLeast = 2048;  // so that decoding, which grows by one position a step, grows the table seldom
  positions_ = std::max({positions, 2 * positions_, kLeast});
  std::vector<float> table;
  table.reserve(static_cast<size_t>(positions_) * 2 * frequencies_.size());
  for (int position = 0; position < positions_; ++position) {
    for (const float frequency : frequencies_) {
      const double angle = rotation_angle(position, frequency);
      table.push_back(static_cast<float>(std::cos(angle)));
      table.push_back(static_cast<float>(std::sin(angle)));
    }
  }
  table_ = runtime_.allocate(table.size() * sizeof(float));
  runtime_.copy_to_device(table_.get(), table.data(), table.size() * sizeof(float));
  return static_cast<const float*>(table_.get());
}

}  // namespace assay::engine::cuda
