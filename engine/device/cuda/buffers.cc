#include "engine/device/cuda/buffers.h"

#include <utility>

namespace assay::engine::cuda {

std::shared_ptr<void> BufferPool::take(size_t bytes) {
  const size_t size = size_for(bytes);
  std::shared_ptr<void> memory;
  const auto found = free_->find(size);
  if (found != free_->end()) {
    memory = std::move(found->second);
    free_->erase(found);
  } else {
    memory = runtime_.allocate(size);
  }
  void* address = memory.get();
  return {address,
          [free = free_, size, owned = std::move(memory)](void*) mutable { free->emplace(size, std::move(owned)); }};
}

}  // namespace assay::engine::cuda
