#include "engine/device/cuda/step_layout.h"

#include <algorithm>
#include <bit>

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
}

const int32_t* StepLayout::pages() {
  if (pages_.memory == nullptr) pages_ = upload(pool_, host_pages_);
  return pages_.memory.get();
}

void StepLayout::check(int cache_pages) const {
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
}

const RowPlace* StepLayout::places(int cache_pages) {
  if (places_.memory != nullptr) return places_.memory.get();
  check(cache_pages);
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

StepLayout::Plan StepLayout::plan(DataType type, int group, int window) const {
  Plan plan;
  if (type == DataType::kF32) {
    std::vector<DeviceSegment> all = generated_;
    all.insert(all.end(), prompt_.begin(), prompt_.end());
    plan.plain = plan_plain(all, window);
    return plan;
  }
  plan.prompt = plan_prompt(prompt_, group, window);
  plan.pieces = plan_pieces(generated_, host_pages_, group, window);
  // So that a record of the step serves for others (decode_records.h).
  if (prompt_.empty()) {
    plan.pieces.items.resize(std::bit_ceil(plan.pieces.items.size()));
    plan.pieces.partials = static_cast<int>(std::bit_ceil(static_cast<unsigned>(plan.pieces.partials)));
  }
  return plan;
}

const AttentionWork& StepLayout::attention(DataType type, int group, int window) {
  // One that hides nothing of this step is none.
  if (window >= positions_) window = 0;
  const auto found = attention_.find(window);
  if (found != attention_.end()) return found->second;
  type_ = type;
  group_ = group;
  const Plan planned = plan(type, group, window);
  const AttentionWork work{upload(pool_, planned.prompt),
                           upload(pool_, planned.pieces.items),
                           upload(pool_, planned.pieces.rows),
                           upload(pool_, planned.pieces.merges),
                           planned.pieces.partials,
                           upload(pool_, planned.plain)};
  return attention_.emplace(window, work).first->second;
}

bool StepLayout::become(const StepLayout& next) {
  const auto same = [](const auto& list, const auto& values) {
    return static_cast<size_t>(list.count) == values.size();
  };
  if (!same(places_, next.host_places_) || !pages_.has_room_for(next.host_pages_.size())) return false;
  std::vector<Plan> plans;  // one a work
  for (const auto& [window, work] : attention_) {
    const Plan& planned = plans.emplace_back(next.plan(type_, group_, window));
    const bool fits = same(work.pieces, planned.pieces.items) && same(work.merges, planned.pieces.merges) &&
                      same(work.plain, planned.plain) && work.partials == planned.pieces.partials &&
                      work.piece_rows.has_room_for(planned.pieces.rows.size());
    if (!fits) return false;
  }
  pool_.overwrite(pages_.memory.get(), next.host_pages_);
  pool_.overwrite(places_.memory.get(), next.host_places_);
  auto planned = plans.begin();
  for (const auto& [window, work] : attention_) {
    pool_.overwrite(work.pieces.memory.get(), planned->pieces.items);
    pool_.overwrite(work.piece_rows.memory.get(), planned->pieces.rows);
    pool_.overwrite(work.merges.memory.get(), planned->pieces.merges);
    pool_.overwrite(work.plain.memory.get(), planned->plain);
    ++planned;
  }
  return true;
}

}  // namespace assay::engine::cuda
