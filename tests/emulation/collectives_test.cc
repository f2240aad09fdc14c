// Warp operations, barriers, cp.async, atomics and launch limits of correct kernels, in several orders of threads.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <numeric>

#include "tests/emulation/fault.h"
#include "tests/emulation/sample_kernels.h"
#include "tests/emulation/schedule.h"
#include "tests/engine/device/cuda/device_buffer.h"

namespace assay::testing {
namespace {

using emulation::set_schedule;

// In order first, then at random.
constexpr uint64_t kSeeds[] = {0, 1, 2, 3, 4, 5};

TEST(Collectives, EveryLaneGetsWhatTheGuideSays) {
  int compared = 0;
  for (const uint64_t seed : kSeeds) {
    for (const int lanes : {32, 24}) {
      set_schedule({.seed = seed});
      DeviceBuffer<uint32_t> out(static_cast<size_t>(7 * lanes));
      collectives({.out = out.data()}, lanes);
      const std::vector<uint32_t> got = out.download();
      uint32_t odd = 0;
      for (int lane = 1; lane < lanes; lane += 2) odd |= 1u << lane;
      for (int lane = 0; lane < lanes; ++lane) {
        const int group = lane / 8 * 8;
        const uint32_t expected[] = {5,
                                     static_cast<uint32_t>(group + (lane + 1) % 8),
                                     static_cast<uint32_t>(lane ^ 3),
                                     static_cast<uint32_t>(lane + 4 < group + 8 ? lane + 4 : lane),
                                     1,
                                     0,
                                     odd};
        for (int call = 0; call < 7; ++call) {
          EXPECT_EQ(got[static_cast<size_t>(call * lanes + lane)], expected[call])
              << "call " << call << " lane " << lane << " of " << lanes << " seed " << seed;
          ++compared;
        }
      }
    }
  }
  std::cout << compared << " results of shuffles and votes\n";
}

TEST(Collectives, ABlocksSumDoesNotDependOnTheOrder) {
  constexpr int kBlocks = 7;
  std::vector<float> x(kBlocks * 256);
  for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 97) - 40.5F;
  const DeviceBuffer<float> device_x(x);
  for (const uint64_t seed : kSeeds) {
    set_schedule({.seed = seed});
    DeviceBuffer<float> out(kBlocks);
    block_sum({.x = device_x.data(), .out = out.data()}, kBlocks);
    const std::vector<float> sums = out.download();
    for (int block = 0; block < kBlocks; ++block) {
      const float expected = std::accumulate(x.begin() + block * 256, x.begin() + (block + 1) * 256, 0.0F);
      EXPECT_EQ(sums[static_cast<size_t>(block)], expected) << "seed " << seed;  // halves: exact in any order
    }
  }
}

TEST(Collectives, CopiesArriveAtTheWaitAndInvalidOnesAreZero) {
  std::vector<uint32_t> in(16 * 4);
  std::iota(in.begin(), in.end(), 1u);
  const DeviceBuffer<uint32_t> device_in(in);
  for (const uint64_t seed : kSeeds) {
    for (const int valid : {16, 5, 0}) {
      set_schedule({.seed = seed});
      DeviceBuffer<uint32_t> out(in.size());
      copy_through_shared({.in = device_in.data(), .valid = valid, .out = out.data()});
      std::vector<uint32_t> expected = in;
      std::fill(expected.begin() + 4 * valid, expected.end(), 0u);
      EXPECT_EQ(out.download(), expected) << "seed " << seed << " valid " << valid;
    }
  }
}

TEST(Collectives, AtomicsCountEveryThread) {
  for (const uint64_t seed : kSeeds) {
    set_schedule({.seed = seed});
    DeviceBuffer<int> count(std::vector<int>{5});
    count_threads({.count = count.data()}, 9, 65);
    EXPECT_EQ(count.download()[0], 5 + 9 * 65);
  }
}

TEST(Schedule, OneSeedIsOneOrderAndOtherSeedsAreOthers) {
  constexpr int kThreads = 200;
  const auto order_of = [](uint64_t seed) {
    set_schedule({.seed = seed});
    DeviceBuffer<int> next(std::vector<int>{0});
    DeviceBuffer<int> order(kThreads);
    running_order({.next = next.data(), .order = order.data()}, kThreads);
    return order.download();
  };
  std::vector<int> in_order(kThreads);
  std::iota(in_order.begin(), in_order.end(), 0);
  EXPECT_EQ(order_of(0), in_order);
  EXPECT_EQ(order_of(7), order_of(7));
  EXPECT_NE(order_of(7), in_order);
  EXPECT_NE(order_of(7), order_of(8));
  std::vector<int> sorted = order_of(7);
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(sorted, in_order);
}

TEST(Launch, WhatADeviceRefusesIsRefused) {
  const struct {
    uint32_t grid[3];
    uint32_t block[3];
    uint64_t shared_bytes;
    bool allowed;
  } cases[] = {
      {{1, 1, 1}, {1, 1, 1}, 0, true},          {{3, 2, 2}, {16, 8, 8}, 232448, true},
      {{1, 1, 1}, {1024, 1, 1}, 0, true},       {{1, 1, 1}, {1025, 1, 1}, 0, false},
      {{1, 1, 1}, {1, 1, 65}, 0, false},        {{1, 1, 1}, {64, 32, 1}, 0, false},
      {{1, 1, 1}, {0, 1, 1}, 0, false},         {{0, 1, 1}, {1, 1, 1}, 0, false},
      {{1, 0, 1}, {1, 1, 1}, 0, false},         {{1, 65536, 1}, {1, 1, 1}, 0, false},
      {{1, 1, 65536}, {1, 1, 1}, 0, false},     {{0x80000000, 1, 1}, {1, 1, 1}, 0, false},
      {{1, 1, 1}, {1, 1, 1}, 232449, false},    {{65535, 1, 1}, {1, 1, 1}, 0, true},
      {{1, 1, 1}, {65536, 65536, 1}, 0, false},
  };
  set_schedule({});
  for (const auto& c : cases) {
    std::string message;
    try {
      do_nothing(c.grid, c.block, c.shared_bytes);
    } catch (const Error& error) {
      message = error.what();
      EXPECT_EQ(error.code(), ExitCode::kUnavailable);
      EXPECT_NE(message.find("nothing_kernel"), std::string::npos) << message;
    }
    EXPECT_EQ(message.empty(), c.allowed) << c.grid[0] << " blocks of " << c.block[0] << " threads: " << message;
  }
}

}  // namespace
}  // namespace assay::testing
