// Threads for connections: one each while there are connections, none when there are not.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

namespace assay::harness {

// Thread-safe.
class Workers {
 public:
  explicit Workers(size_t most) : most_(most) {}

  // Runs `job` on a thread that waits for one, or a new one, or when `most` are busy the next that is free.
  void enqueue(std::function<void()> job);
  // Waits until every job is done. Nothing may be enqueued afterwards.
  void finish();

 private:
  void work();

  const size_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  size_t threads_ = 0;
  size_t waiting_ = 0;
  bool finishing_ = false;
};

}  // namespace assay::harness
