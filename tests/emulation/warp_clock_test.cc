// What __syncwarp orders: its lanes, what they knew already, and nobody else.
#include "tests/emulation/warp_clock.h"

#include <gtest/gtest.h>

namespace assay::testing {
namespace {

TEST(WarpClock, ASyncOrdersItsLanesAndWhatTheyKnew) {
  emulation::WarpClock clock;
  const uint32_t before = clock.stamp();
  EXPECT_TRUE(clock.knows(3, 3, before));  // program order
  EXPECT_FALSE(clock.knows(0, 1, before));

  clock.sync(0b0011);
  EXPECT_TRUE(clock.knows(0, 1, before));
  EXPECT_TRUE(clock.knows(1, 0, before));
  EXPECT_FALSE(clock.knows(2, 0, before));
  const uint32_t between = clock.stamp();
  EXPECT_FALSE(clock.knows(0, 1, between));

  // Lane 2 meets lane 1, and hears of lane 0 through it; lane 0 hears nothing of lane 2.
  clock.sync(0b0110);
  EXPECT_TRUE(clock.knows(2, 0, before));
  EXPECT_TRUE(clock.knows(2, 1, between));
  EXPECT_FALSE(clock.knows(2, 0, between));
  EXPECT_FALSE(clock.knows(0, 2, before));

  clock.sync(0xFFFFFFFF);
  for (int lane = 0; lane < 32; ++lane) {
    for (int other = 0; other < 32; ++other) EXPECT_TRUE(clock.knows(lane, other, between)) << lane << " " << other;
  }
}

}  // namespace
}  // namespace assay::testing
