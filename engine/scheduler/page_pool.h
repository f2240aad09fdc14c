// Pages of the key-value cache, counted by reference.
//
// A page that the step under construction reads, writes or copies from keeps its content until that step has run: when
// its last reference goes, it becomes free only after `end_step`.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace assay::engine {

class PagePool {
 public:
  explicit PagePool(int pages);

  int size() const { return static_cast<int>(references_.size()); }
  int free() const { return static_cast<int>(free_.size()); }  // that can be allocated for the present step
  int in_use() const { return size() - free() - static_cast<int>(deferred_.size()); }

  // With one reference; free() > 0.
  int32_t allocate();
  void retain(int32_t page) { ++references_[page]; }
  void release(int32_t page);
  bool unique(int32_t page) const { return references_[page] == 1; }

  // The present step reads or writes these pages.
  void use(std::span<const int32_t> pages);
  bool used(int32_t page) const { return last_use_[page] == step_; }
  void end_step();

 private:
  std::vector<int32_t> references_;
  std::vector<int64_t> last_use_;  // step
  std::vector<int32_t> free_;
  std::vector<int32_t> deferred_;  // without a reference, but used by the present step
  int64_t step_ = 0;
};

}  // namespace assay::engine
