#include "engine/parallel.h"

#include <gtest/gtest.h>

#include <numeric>
#include <stdexcept>
#include <string>

namespace assay::engine {
namespace {

TEST(ParallelFor, DoesEachOnce) {
  for (const int threads : {0, 1, 2, 7}) {
    for (const size_t count : {0, 1, 5, 1000}) {
      std::vector<int> done(count);
      parallel_for(count, threads, [&](size_t i) { ++done[i]; });
      EXPECT_EQ(std::accumulate(done.begin(), done.end(), size_t{0}), count);
    }
  }
}

TEST(ParallelFor, ThrowsTheFirstErrorWhicheverThreadSawIt) {
  for (int round = 0; round < 100; ++round) {
    try {
      parallel_for(1000, 4, [](size_t i) {
        if (i >= 37) throw std::runtime_error(std::to_string(i));
      });
      FAIL() << "nothing thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "37");
    }
  }
}

}  // namespace
}  // namespace assay::engine
