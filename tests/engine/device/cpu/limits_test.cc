#include "engine/device/cpu/limits.h"

#include <gtest/gtest.h>

#include <iostream>
#include <vector>

namespace assay::engine {
namespace {

// A loop that was optimised away shows as a figure that no processor reaches. How the figures compare with one another
// is the machine's business (and its neighbours'): tests/bench prints it, no test asserts it.
TEST(Limits, PeaksArePossible) {
  ThreadPool pool(1);
  for (KernelSet set : available_kernel_sets()) {
    for (DataType type : {DataType::kF32, DataType::kBf16}) {
      const double gflops = peak_gflops(pool, set, type);
      std::cout << kernel_set_name(set) << (type == DataType::kF32 ? " f32: " : " bf16: ") << gflops << " GFLOP/s\n";
      EXPECT_GT(gflops, 0);
      EXPECT_LT(gflops, 10000);
    }
  }
}

TEST(Limits, ReadingIsPossible) {
  ThreadPool pool(usable_threads());
  const double speed = read_gb_per_second(pool);
  std::cout << speed << " GB/s with " << pool.threads() << " threads over four times "
            << (last_level_cache_bytes() >> 20) << " MiB\n";
  EXPECT_GT(speed, 0);
  EXPECT_LT(speed, 5000);
}

TEST(Limits, ReadLoopsReadEverything) {
  // A loop that misses bytes would report more than the memory's speed: each must see a change anywhere.
  std::vector<uint64_t> words(2 * limits::kReadMultiple / 8 + 4, 0);
  auto* start = reinterpret_cast<std::byte*>((reinterpret_cast<uintptr_t>(words.data()) + 31) / 32 * 32);
  std::vector<limits::ReadLoop> loops = {limits::read_scalar};
  if (available_kernel_sets().size() > 1) {
    loops.insert(loops.end(), {limits::read_avx2, limits::read_avx2_streams, limits::read_avx2_prefetch,
                               limits::read_avx2_prefetch_streams});
  }
  int changes = 0;
  for (limits::ReadLoop loop : loops) {
    const uint64_t before = loop(start, 2 * limits::kReadMultiple);
    for (int64_t at = 0; at < 2 * limits::kReadMultiple; at += 32) {  // low word of each vector
      start[at] = std::byte{1};
      EXPECT_NE(loop(start, 2 * limits::kReadMultiple), before) << at;
      start[at] = std::byte{0};
      ++changes;
    }
  }
  EXPECT_EQ(changes, static_cast<int>(loops.size()) * 2 * limits::kReadMultiple / 32);
}

}  // namespace
}  // namespace assay::engine
