#include "engine/scheduler/page_pool.h"

#include <numeric>

namespace assay::engine {

PagePool::PagePool(int pages) : references_(pages), last_use_(pages, -1), free_(pages) {
  std::iota(free_.rbegin(), free_.rend(), 0);
}

int32_t PagePool::allocate() {
  const int32_t page = free_.back();
  free_.pop_back();
  references_[page] = 1;
  return page;
}

void PagePool::release(int32_t page) {
  if (--references_[page] > 0) return;
  (used(page) ? deferred_ : free_).push_back(page);
}

void PagePool::use(std::span<const int32_t> pages) {
  for (const int32_t page : pages) last_use_[page] = step_;
}

void PagePool::end_step() {
  free_.insert(free_.end(), deferred_.begin(), deferred_.end());
  deferred_.clear();
  ++step_;
}

}  // namespace assay::engine
