#include "engine/model/rope.h"

#include <gtest/gtest.h>

#include <cmath>

namespace assay::engine {
namespace {

TEST(RopeFrequencies, PlainPowersOfTheta) {
  const std::vector<float> f = rope_frequencies({10000, {}, {}}, 8);
  ASSERT_EQ(f.size(), 4u);
  EXPECT_FLOAT_EQ(f[0], 1);
  EXPECT_FLOAT_EQ(f[1], 0.1F);
  EXPECT_FLOAT_EQ(f[3], 0.001F);
}

TEST(RopeFrequencies, Llama3ScalingKeepsHighDividesLowAndMixesBetween) {
  const Llama3RopeScaling scaling{8, 1, 4, 8192};
  const std::vector<float> plain = rope_frequencies({500000, {}, {}}, 128);
  const std::vector<float> scaled = rope_frequencies({500000, scaling, {}}, 128);
  EXPECT_FLOAT_EQ(scaled.front(), plain.front());
  EXPECT_FLOAT_EQ(scaled.back(), plain.back() / 8);
  int mixed = 0;
  for (size_t i = 0; i < plain.size(); ++i) mixed += scaled[i] < plain[i] && scaled[i] > plain[i] / 8;
  EXPECT_GT(mixed, 0);
}

TEST(RopeFrequencies, DivisorsOfAGguf) {
  const std::vector<float> f = rope_frequencies({10000, {}, {1, 2, 4, 8}}, 8);
  EXPECT_FLOAT_EQ(f[1], 0.05F);
  EXPECT_FLOAT_EQ(f[3], 0.001F / 8);
}

}  // namespace
}  // namespace assay::engine
