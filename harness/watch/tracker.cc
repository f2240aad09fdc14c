#include "harness/watch/tracker.h"

#include <algorithm>
#include <set>

namespace assay::harness {

std::vector<CheckpointEntry> CheckpointTracker::update(std::vector<CheckpointEntry> entries,
                                                       WatchClock::time_point now) {
  std::set<std::string> there;
  order_.clear();
  for (CheckpointEntry& entry : entries) {
    there.insert(entry.name);
    order_.push_back(entry.name);
    const auto [place, is_new] = checkpoints_.try_emplace(entry.name, TrackedCheckpoint{{}, now});
    TrackedCheckpoint& known = place->second;
    const bool changed = known.entry.files != entry.files || known.entry.problem != entry.problem;
    known.entry = std::move(entry);
    if (!is_new && changed) reopen(known, now);
  }
  std::vector<CheckpointEntry> gone;
  std::erase_if(checkpoints_, [&](const auto& item) {
    if (there.contains(item.first)) return false;
    if (item.second.standing != Standing::kScored) gone.push_back(item.second.entry);
    return true;
  });
  return gone;
}

std::vector<TrackedCheckpoint*> CheckpointTracker::all() {
  std::vector<TrackedCheckpoint*> checkpoints;
  for (const std::string& name : order_) checkpoints.push_back(&checkpoints_.at(name));
  return checkpoints;
}

std::vector<TrackedCheckpoint*> CheckpointTracker::due(WatchClock::time_point now) {
  std::vector<TrackedCheckpoint*> checkpoints = all();
  std::erase_if(checkpoints, [&](const TrackedCheckpoint* each) {
    const bool open =
        each->standing == Standing::kOpen || (each->standing == Standing::kFailed && each->next_try <= now);
    return !open || !has_settled(*each, now);
  });
  return checkpoints;
}

void CheckpointTracker::reopen(TrackedCheckpoint& checkpoint, WatchClock::time_point now) {
  // One that is written piece by piece may lack the same thing at several looks.
  std::string told = std::move(checkpoint.told);
  checkpoint = TrackedCheckpoint{std::move(checkpoint.entry), now};
  checkpoint.told = std::move(told);
}

void CheckpointTracker::postpone(TrackedCheckpoint& checkpoint, WatchClock::time_point now,
                                 std::chrono::duration<double> pause) {
  constexpr std::chrono::duration<double> kLongest = std::chrono::minutes(10);
  pause *= 1 << std::min(checkpoint.failures, 16);
  checkpoint.standing = Standing::kFailed;
  checkpoint.next_try = now + std::chrono::duration_cast<WatchClock::duration>(std::min(pause, kLongest));
  ++checkpoint.failures;
}

bool CheckpointTracker::has_settled(const TrackedCheckpoint& checkpoint, WatchClock::time_point now) const {
  return now - checkpoint.since >= settle_;
}

}  // namespace assay::harness
