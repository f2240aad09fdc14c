// Device memory that is used again: cudaMalloc waits for everything in flight, so a step must not call it.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

#include "engine/device/cuda/runtime.h"

namespace assay::engine::cuda {

// Buffers come back when their last owner lets go of them, and are handed out again: everything is ordered by one
// stream, so what is written next comes after what was read last. Not thread-safe; outlives its buffers' owners or not,
// as it likes.
class BufferPool {
 public:
  explicit BufferPool(Runtime& runtime) : runtime_(runtime), free_(std::make_shared<Free>()) {}

  // At least `bytes`, rounded up to size_for(bytes) so that buffers find new users.
  std::shared_ptr<void> take(size_t bytes);
  static size_t size_for(size_t bytes) { return std::bit_ceil(std::max<size_t>(bytes, 256)); }

  // A copy of `values` in device memory.
  template <typename T>
  std::shared_ptr<std::remove_const_t<T>> upload(std::span<T> values) {
    const std::shared_ptr<void> buffer = take(values.size_bytes());
    if (!values.empty()) runtime_.copy_to_device(buffer.get(), values.data(), values.size_bytes());
    if (kept_ != nullptr) kept_->push_back(buffer);
    return std::static_pointer_cast<std::remove_const_t<T>>(buffer);
  }
  template <typename T>
  std::shared_ptr<T> upload(const std::vector<T>& values) {
    return upload(std::span<const T>(values));
  }

  // Copies of `values` in place of what was uploaded to `to`, which is large enough.
  template <typename T>
  void overwrite(void* to, const std::vector<T>& values) {
    if (!values.empty()) runtime_.copy_to_device(to, values.data(), values.size() * sizeof(T));
  }

  // What is uploaded from now on stays in the list as well; null: no longer. The list must live until then.
  void keep_uploads(std::vector<std::shared_ptr<void>>* kept) { kept_ = kept; }

 private:
  using Free = std::multimap<size_t, std::shared_ptr<void>>;  // by size

  Runtime& runtime_;
  std::shared_ptr<Free> free_;
  std::vector<std::shared_ptr<void>>* kept_ = nullptr;
};

}  // namespace assay::engine::cuda
