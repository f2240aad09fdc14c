// What is known of each checkpoint of a watched folder from one look to the next: whether its files have settled, and
// what became of it. Knows no clock and no file: looks and times are handed in.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "harness/watch/folder.h"
#include "harness/watch/inspect.h"

namespace assay::harness {

using WatchClock = std::chrono::steady_clock;

enum class Standing {
  kOpen,    // to be looked at once it has settled
  kBroken,  // looked at, and it is no whole model; again when its files change
  kFailed,  // could not be scored; again after a pause, or when its files change
  kScored,
};

struct TrackedCheckpoint {
  CheckpointEntry entry;
  WatchClock::time_point since;  // its files have had these stamps
  Standing standing = Standing::kOpen;
  std::string told = {};                    // the last thing that was said of it, which is not said twice
  std::optional<Inspected> inspected = {};  // of files with these stamps
  ExitCode failure = ExitCode::kDone;       // the last one
  int failures = 0;                         // one after the other
  WatchClock::time_point next_try = {};     // of kFailed
  int64_t batch = 0;                        // of kScored
};

class CheckpointTracker {
 public:
  // A checkpoint has settled when its files have been the same for `settle`.
  explicit CheckpointTracker(std::chrono::duration<double> settle) : settle_(settle) {}

  // Takes in what a look at the folder found. Returns those that are gone, scored ones not among them.
  std::vector<CheckpointEntry> update(std::vector<CheckpointEntry> entries, WatchClock::time_point now);

  // In the order of the last look.
  std::vector<TrackedCheckpoint*> all();
  // Those to work on now: settled, and open or to be tried again.
  std::vector<TrackedCheckpoint*> due(WatchClock::time_point now);

  // Its files are others than was thought: everything but the entry and what was said is forgotten, and it settles
  // anew.
  static void reopen(TrackedCheckpoint& checkpoint, WatchClock::time_point now);
  // To be tried again after `pause`, doubled with each failure in a row up to ten minutes.
  static void postpone(TrackedCheckpoint& checkpoint, WatchClock::time_point now, std::chrono::duration<double> pause);

 private:
  bool has_settled(const TrackedCheckpoint& checkpoint, WatchClock::time_point now) const;

  std::chrono::duration<double> settle_;
  std::map<std::string, TrackedCheckpoint> checkpoints_;
  std::vector<std::string> order_;
};

}  // namespace assay::harness
