#include "engine/device/cpu/thread_pool.h"

#include <sched.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <utility>

namespace assay::engine {
namespace {

// Longer than what lies between two operations of a forward pass, shorter than a time slice. A time and not a number of
// pauses: one pause is 40 cycles on some processors and 140 on others.
constexpr std::chrono::microseconds kSpin{100};

template <typename Atomic, typename Value>
void wait_while(const Atomic& atomic, Value value) {
  constexpr int kLooksBetweenTimes = 16;
  const auto end = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int look = 0; look < kLooksBetweenTimes; ++look) {
      if (atomic.load(std::memory_order_acquire) != value) {
        return;
      }
#if defined(__x86_64__)
      __builtin_ia32_pause();
#endif
    }
  } while (std::chrono::steady_clock::now() < end);
  atomic.wait(value, std::memory_order_acquire);
}

// Processors' worth of time that the control group grants, rounded up; 0 where it sets no limit.
int group_quota() {
  std::ifstream file("/sys/fs/cgroup/cpu.max");  // "max 100000", or quota and period in microseconds
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max" || period <= 0) {
    return 0;
  }
  double granted = 0;
  for (char digit : quota) {
    granted = granted * 10 + (digit - '0');
  }
  return static_cast<int>(std::min(1e6, granted / period + 0.999));
}

}  // namespace

int usable_threads() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  int count = sched_getaffinity(0, sizeof(allowed), &allowed) == 0
                  ? CPU_COUNT(&allowed)
                  : static_cast<int>(std::thread::hardware_concurrency());
  if (const int quota = group_quota(); quota > 0) {
    count = std::min(count, quota);
  }
  return std::max(count, 1);
}

ThreadPool::ThreadPool(int threads) {
  workers_.reserve(static_cast<size_t>(std::max(threads - 1, 0)));
  try {
    for (int thread = 1; thread < threads; ++thread) {
      workers_.emplace_back([this, thread] { work(thread); });
    }
  } catch (...) {
    publish({});
    for (std::thread& worker : workers_) {
      worker.join();
    }
    throw;
  }
}

ThreadPool::~ThreadPool() {
  publish({});
  for (std::thread& worker : workers_) {
    worker.join();
  }
}

void ThreadPool::publish(const Job& job) {
  job_ = job;
  pending_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
}

void ThreadPool::run(const Job& job) {
  if (workers_.empty() || job.parts <= 1) {
    for (int part = 0; part < job.parts; ++part) {
      job.call(job.callable, part);
    }
    return;
  }
  publish(job);
  run_range(0);
  for (int left = pending_.load(std::memory_order_acquire); left != 0;
       left = pending_.load(std::memory_order_acquire)) {
    wait_while(pending_, left);
  }
  if (error_) {
    failed_.clear(std::memory_order_relaxed);
    std::rethrow_exception(std::exchange(error_, nullptr));
  }
}

void ThreadPool::run_range(int thread) noexcept {
  const int64_t parts = job_.parts;
  const int count = threads();
  try {
    for (int64_t part = parts * thread / count; part < parts * (thread + 1) / count; ++part) {
      job_.call(job_.callable, static_cast<int>(part));
    }
  } catch (...) {
    if (!failed_.test_and_set(std::memory_order_relaxed)) {
      error_ = std::current_exception();
    }
  }
}

void ThreadPool::work(int thread) {
  for (uint32_t seen = 0;; ++seen) {
    wait_while(generation_, seen);
    if (job_.call == nullptr) {
      return;
    }
    run_range(thread);
    if (pending_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      pending_.notify_one();
    }
  }
}

}  // namespace assay::engine
