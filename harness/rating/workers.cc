#include "harness/rating/workers.h"

#include <chrono>
#include <system_error>
#include <thread>

namespace assay::harness {
namespace {

constexpr std::chrono::seconds kIdle(10);

}  // namespace

void Workers::enqueue(std::function<void()> job) {
  const std::scoped_lock lock(mutex_);
  jobs_.push_back(std::move(job));
  if (jobs_.size() > waiting_ && threads_ < most_) {
    try {
      std::thread([this] { work(); }).detach();  // finish() waits for it
      ++threads_;
    } catch (const std::system_error&) {
      // No more threads on this machine: the job waits for one of those there are.
    }
  }
  changed_.notify_all();
}

void Workers::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++waiting_;
    const bool found = changed_.wait_for(lock, kIdle, [&] { return !jobs_.empty() || finishing_; });
    --waiting_;
    if (!found || jobs_.empty()) break;
    std::function<void()> job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
  --threads_;
  changed_.notify_all();
}

void Workers::finish() {
  std::unique_lock lock(mutex_);
  finishing_ = true;
  changed_.notify_all();
  changed_.wait(lock, [&] { return threads_ == 0; });
}

}  // namespace assay::harness
