#include "engine/device/cuda/step_layout.h"

#include <algorithm>

#include "base/error.h"
#include "engine/device/cuda/kernels/copy_pages.h"

namespace assay::engine::cuda {
namespace {

template <typename T>
DeviceList<T> upload(BufferPool& pool, const std::vector<T>& values) {
  return {pool.upload(values), static_cast<int>(values.size())};
}

}  // namespace

StepLayout::StepLayout(BufferPool& pool, std::span<const Segment> segments, std::span<const PageCopy> copies)
    : pool_(pool) {
  for (const Segment& segment : segments) {
    const int end = segment.first_position + segment.rows;
    const size_t needed = static_cast<size_t>((end + kPageTokens - 1) / kPageTokens);
    if (segment.pages.size() < needed) {
      fail(ExitCode::kInternal, "{} pages for a segment that ends at position {}", segment.pages.size(), end);
    }
    const auto first_page = static_cast<int32_t>(host_pages_.size());
    (segment.generated ? generated_ : prompt_)
        .push_back({segment.first_row, segment.rows, segment.first_position, first_page});
    host_pages_.insert(host_pages_.end(), segment.pages.begin(),
                       segment.pages.begin() + static_cast<ptrdiff_t>(needed));
    for (int position = segment.first_position; position < end; ++position) {
      host_places_.push_back({position, segment.pages[static_cast<size_t>(position / kPageTokens)]});
    }
    rows_ = std::max(rows_, segment.first_row + segment.rows);
    positions_ = std::max(positions_, end);
  }
  for (const PageCopy& copy : copies) host_copies_.push_back({copy.from, copy.to, copy.tokens});
  pages_ = upload(pool_, host_pages_);
}

const RowPlace* StepLayout::places(int cache_pages) {
  if (places_.memory != nullptr) return places_.memory.get();
  if (host_places_.size() != static_cast<size_t>(rows_)) {
    fail(ExitCode::kInternal, "segments of {} tokens for {} rows", host_places_.size(), rows_);
  }
  const auto outside = [&](int32_t page) { return page < 0 || page >= cache_pages; };
  const bool wrong_copy = std::any_of(host_copies_.begin(), host_copies_.end(), [&](const DeviceCopy& copy) {
    return outside(copy.from) || outside(copy.to) || copy.tokens < 0 || copy.tokens > kPageTokens;
  });
  if (wrong_copy || std::any_of(host_pages_.begin(), host_pages_.end(), outside)) {
    fail(ExitCode::kInternal, "a page outside a cache of {}", cache_pages);
  }
  places_ = upload(pool_, host_places_);
  return places_.memory.get();
}

const std::vector<DeviceList<DeviceCopy>>& StepLayout::copies() {
  if (copies_) return *copies_;
  copies_.emplace();
  std::span<const DeviceCopy> left = host_copies_;
  while (!left.empty()) {
    const size_t group = independent_copies(left);
    copies_->push_back({pool_.upload(left.first(group)), static_cast<int>(group)});
    left = left.subspan(group);
  }
  return *copies_;
}

const AttentionWork& StepLayout::attention(DataType type, int group, int window) {
  // One that hides nothing of this step is none.
  if (window >= positions_) window = 0;
  const auto [found, is_new] = attention_.try_emplace(window);
  AttentionWork& work = found->second;
  if (!is_new) return work;
  if (type == DataType::kF32) {
    std::vector<DeviceSegment> all = generated_;
    all.insert(all.end(), prompt_.begin(), prompt_.end());
    work.plain = upload(pool_, plan_plain(all, window));
    return work;
  }
  work.prompt = upload(pool_, plan_prompt(prompt_, group, window));
  const PiecePlan plan = plan_pieces(generated_, host_pages_, group, window);
  work.pieces = upload(pool_, plan.items);
  work.piece_rows = upload(pool_, plan.rows);
  work.merges = upload(pool_, plan.merges);
  work.partials = plan.partials;
  return work;
}

}  // namespace assay::engine::cuda
