// Segments and copies of a step in device memory, and how its rows are shared out among blocks. Made once a step; every
// layer uses it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "engine/device/cuda/attention_plan.h"
#include "engine/device/cuda/buffers.h"
#include "engine/device/cuda/kernels/rope.h"

namespace assay::engine::cuda {

// A list in both memories.
template <typename T>
struct DeviceList {
  std::shared_ptr<T> memory;
  int count = 0;

  // Whether a list of so many finds room in the same memory.
  bool has_room_for(size_t other) const {
    return BufferPool::size_for(other * sizeof(T)) <= BufferPool::size_for(static_cast<size_t>(count) * sizeof(T));
  }
};

// Work of attention for one number of query heads a key head, and one window.
struct AttentionWork {
  DeviceList<PromptTile> prompt;  // 16-bit types
  DeviceList<PieceItem> pieces;   // a power of two of them where no row is a prompt's, the last ones without rows
  DeviceList<PieceRow> piece_rows;
  DeviceList<MergeRow> merges;
  int partials = 0;            // at least as many as the rows need
  DeviceList<PlainRow> plain;  // f32
};

class StepLayout final : public Layout {
 public:
  StepLayout(BufferPool& pool, std::span<const Segment> segments, std::span<const PageCopy> copies);

  int rows() const { return rows_; }
  int positions() const { return positions_; }  // beyond the last of any row
  const int32_t* pages();

  // Error(kInternal) unless the segments cover rows 0 .. rows() - 1 and their pages are below `cache_pages`.
  void check(int cache_pages) const;
  // Position and page of each row, checked.
  const RowPlace* places(int cache_pages);

  // Copies in groups that may run at once, one after the other.
  const std::vector<DeviceList<DeviceCopy>>& copies();

  // `window` as in AttentionRule; the type and the group are the same in every call.
  const AttentionWork& attention(DataType type, int group, int window);

  // This layout's lists in device memory become those of `next`, which has generated tokens alone; false where one does
  // not fit, and then all stay as they were.
  bool become(const StepLayout& next);

 private:
  // The lists of AttentionWork on the host.
  struct Plan {
    std::vector<PromptTile> prompt;
    PiecePlan pieces;
    std::vector<PlainRow> plain;
  };
  Plan plan(DataType type, int group, int window) const;

  BufferPool& pool_;
  std::vector<DeviceSegment> generated_, prompt_;
  std::vector<int32_t> host_pages_;
  std::vector<RowPlace> host_places_;
  std::vector<DeviceCopy> host_copies_;
  int rows_ = 0;
  int positions_ = 0;

  DeviceList<int32_t> pages_;
  DeviceList<RowPlace> places_;
  std::optional<std::vector<DeviceList<DeviceCopy>>> copies_;
  std::map<int, AttentionWork> attention_;  // by window
  DataType type_ = DataType::kF32;          // of attention_
  int group_ = 0;
};

}  // namespace assay::engine::cuda
