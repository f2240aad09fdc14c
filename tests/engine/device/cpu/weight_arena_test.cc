#include "engine/device/cpu/weight_arena.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <vector>

namespace assay::engine {
namespace {

TEST(WeightArena, PiecesAreAlignedApartAndOutliveIt) {
  const std::vector<size_t> sizes = {1, 63, 64, 65, 1000, size_t{3} << 20, size_t{40} << 20, 10, size_t{31} << 20, 7};
  std::vector<std::shared_ptr<std::byte[]>> taken;
  {
    WeightArena arena;
    for (size_t i = 0; i < sizes.size(); ++i) {
      taken.push_back(arena.take(sizes[i]));
      EXPECT_EQ(reinterpret_cast<uintptr_t>(taken.back().get()) % 64, 0u);
      taken.back()[0] = static_cast<std::byte>(i);
      taken.back()[sizes[i] - 1] = static_cast<std::byte>(i);
    }
  }
  for (size_t i = 0; i < sizes.size(); ++i) {
    EXPECT_EQ(taken[i][0], static_cast<std::byte>(i));
    EXPECT_EQ(taken[i][sizes[i] - 1], static_cast<std::byte>(i));
  }
}

TEST(WeightArena, SmallMatricesLieSideBySide) {
  WeightArena arena;
  const std::shared_ptr<std::byte[]> first = arena.take(100);
  const std::shared_ptr<std::byte[]> second = arena.take(100);
  EXPECT_EQ(second.get() - first.get(), 128);
}

}  // namespace
}  // namespace assay::engine
