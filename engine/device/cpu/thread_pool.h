// A few threads that run the parts of one operation together: short spin, then futex.
//
// The forward pass of a small model is hundreds of operations of some ten microseconds each, so that waking a sleeping
// thread for each would cost more than the work; but a thread that spins for good takes a core from the neighbours.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <thread>
#include <type_traits>
#include <vector>

namespace assay::engine {

// Processors that this process may use: its affinity, cut to the quota of its control group. At least 1.
int usable_threads();

// One caller at a time; parts must not call `parallel` of the same pool.
class ThreadPool {
 public:
  // threads: the calling thread included, at least 1. With 1 no other thread is ever started.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Runs task(0) .. task(parts - 1) and returns when all are done. Thread t runs the t-th of `threads` equal
  // contiguous ranges of parts; the calling thread is thread 0. Where a part throws, the rest of its thread's range is
  // left out and one of the exceptions is thrown here.
  template <typename Task>
  void parallel(int parts, Task&& task) {
    using Callable = std::remove_reference_t<Task>;
    run({[](const void* callable, int part) { (*static_cast<Callable*>(const_cast<void*>(callable)))(part); }, &task,
         parts});
  }

 private:
  struct Job {
    void (*call)(const void* callable, int part) = nullptr;  // null: the pool ends
    const void* callable = nullptr;
    int parts = 0;
  };

  void run(const Job& job);
  void run_range(int thread) noexcept;
  void work(int thread);
  void publish(const Job& job);

  std::vector<std::thread> workers_;
  Job job_;  // written while no worker is between seeing a new generation and reporting to pending_
  alignas(64) std::atomic<uint32_t> generation_{0};
  alignas(64) std::atomic<int> pending_{0};  // workers that have not finished job_
  std::atomic_flag failed_ = ATOMIC_FLAG_INIT;
  std::exception_ptr error_;  // of the first part that failed
};

}  // namespace assay::engine
