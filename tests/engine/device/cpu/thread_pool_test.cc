#include "engine/device/cpu/thread_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace assay::engine {
namespace {

TEST(ThreadPool, RunsEveryPartOnce) {
  int64_t parts_run = 0;
  for (int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (int parts : {0, 1, 2, 3, 7, 8, 64, 1000}) {
      std::vector<int> runs(static_cast<size_t>(parts), 0);
      pool.parallel(parts, [&](int part) { ++runs[static_cast<size_t>(part)]; });
      EXPECT_EQ(runs, std::vector<int>(static_cast<size_t>(parts), 1)) << threads << " threads";
      parts_run += parts;
    }
  }
  EXPECT_EQ(parts_run, 4 * (1 + 2 + 3 + 7 + 8 + 64 + 1000));
}

TEST(ThreadPool, OneThreadIsTheCaller) {
  ThreadPool pool(1);
  const std::thread::id caller = std::this_thread::get_id();
  int parts_run = 0;
  pool.parallel(5, [&](int) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    ++parts_run;
  });
  EXPECT_EQ(parts_run, 5);
}

TEST(ThreadPool, PartsAreDividedInTheSameWayEachTime) {
  ThreadPool pool(3);
  std::vector<std::thread::id> first(20);
  pool.parallel(20, [&](int part) { first[static_cast<size_t>(part)] = std::this_thread::get_id(); });
  for (int repeat = 0; repeat < 50; ++repeat) {
    std::vector<std::thread::id> again(20);
    pool.parallel(20, [&](int part) { again[static_cast<size_t>(part)] = std::this_thread::get_id(); });
    ASSERT_EQ(again, first);
  }
}

TEST(ThreadPool, ManyShortJobsInARow) {
  ThreadPool pool(2);
  std::vector<int64_t> sums(2, 0);
  constexpr int kJobs = 20000;
  for (int job = 0; job < kJobs; ++job) {
    pool.parallel(2, [&](int part) { sums[static_cast<size_t>(part)] += job; });
  }
  EXPECT_EQ(sums[0], int64_t{kJobs} * (kJobs - 1) / 2);
  EXPECT_EQ(sums[1], sums[0]);
}

TEST(ThreadPool, WakesSleepingWorkers) {
  ThreadPool pool(4);
  int total = 0;
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::vector<int> done(4, 0);
    pool.parallel(4, [&](int part) { done[static_cast<size_t>(part)] = 1; });
    for (int one : done) total += one;
  }
  EXPECT_EQ(total, 20);
}

TEST(ThreadPool, AnExceptionReachesTheCallerAndThePoolLivesOn) {
  for (int threads : {1, 2, 4}) {
    ThreadPool pool(threads);
    for (int bad = 0; bad < 4; ++bad) {
      std::string message;
      try {
        pool.parallel(4, [&](int part) {
          if (part == bad) throw std::runtime_error("part " + std::to_string(part));
        });
      } catch (const std::runtime_error& error) {
        message = error.what();
      }
      EXPECT_EQ(message, "part " + std::to_string(bad)) << threads << " threads";
    }
    std::vector<int> done(9, 0);
    pool.parallel(9, [&](int part) { done[static_cast<size_t>(part)] = 1; });
    EXPECT_EQ(done, std::vector<int>(9, 1));
  }
}

TEST(ThreadPool, UsableThreadsIsWithinTheMachine) {
  EXPECT_GE(usable_threads(), 1);
  EXPECT_LE(usable_threads(), static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace
}  // namespace assay::engine
