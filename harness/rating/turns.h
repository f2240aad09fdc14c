// A lock that is had in the order in which it was asked for: with std::mutex some of fifty raters who vote at once
// would wait for many turns of the others. For std::scoped_lock.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace assay::harness {

class Turns {
 public:
  void lock() {
    std::unique_lock guard(mutex_);
    if (!std::exchange(taken_, true)) return;
    Waiter self;
    queue_.push_back(&self);
    self.called.wait(guard, [&] { return self.turn; });
  }

  void unlock() {
    const std::scoped_lock guard(mutex_);
    if (queue_.empty()) {
      taken_ = false;
      return;
    }
    // It stays taken: the next one has it.
    Waiter* next = queue_.front();
    queue_.pop_front();
    next->turn = true;
    next->called.notify_one();
  }

 private:
  struct Waiter {
    std::condition_variable called;
    bool turn = false;
  };
  std::mutex mutex_;
  std::deque<Waiter*> queue_;
  bool taken_ = false;
};

}  // namespace assay::harness
