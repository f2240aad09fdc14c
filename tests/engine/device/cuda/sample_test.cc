#include "engine/device/cuda/kernels/sample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <numeric>

#include "engine/device/cpu/ops.h"
#include "engine/device/cuda/device_draw.h"
#include "tests/engine/device/cuda/elements.h"
#include "tests/engine/device/special_rows.h"

namespace assay::engine::cuda {
namespace {

using assay::testing::DeviceBuffer;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

Device::Draw draw_at(double temperature, double top_p, uint32_t position) {
  return {{temperature, top_p, 1234, 99, 3}, position};
}

std::vector<TokenId> draw_prepared(const std::vector<float>& logits, int vocab, const std::vector<DeviceDraw>& draws,
                                   bool in_place = false) {
  DeviceBuffer<float> device_logits(logits);
  DeviceBuffer<float> weights(in_place ? 0 : logits.size());
  const DeviceBuffer<DeviceDraw> device_draws(draws);
  DeviceBuffer<TokenId> out(draws.size());
  sample(nullptr, {.logits = device_logits.data(),
                   .draws = device_draws.data(),
                   .weights = in_place ? device_logits.data() : weights.data(),
                   .out = out.data(),
                   .rows = static_cast<int>(draws.size()),
                   .vocab = vocab});
  return out.download();
}

std::vector<TokenId> draw(const std::vector<float>& logits, int vocab, const std::vector<Device::Draw>& draws,
                          bool in_place = false) {
  std::vector<DeviceDraw> prepared;
  for (const Device::Draw& one : draws) prepared.push_back(device_draw(one));
  return draw_prepared(logits, vocab, prepared, in_place);
}

std::vector<TokenId> draw_on_cpu(const std::vector<float>& logits, int vocab, const std::vector<Device::Draw>& draws) {
  ThreadPool pool(1);
  std::vector<TokenId> out(draws.size());
  engine::sample(pool, vector_ops(VectorLevel::kScalar), logits.data(), static_cast<int>(draws.size()), vocab, draws,
                 out);
  return out;
}

// Tokens that the definition gives, in f64 by a full sort, when the uniform number and top_p are moved by rounding.
std::vector<TokenId> within_rounding(const float* row, int vocab, const Device::Draw& draw) {
  const double top = *std::max_element(row, row + vocab);
  std::vector<double> weights;
  for (int i = 0; i < vocab; ++i) weights.push_back(std::exp((double{row[i]} - top) / draw.sampling.temperature));
  std::vector<int> order(weights.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return weights[a] > weights[b]; });
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<TokenId> tokens;
  for (const double moved_p : {1 - 1e-6, 1 + 1e-6}) {
    double nucleus = 0;
    size_t kept = 0;
    const double wanted = std::min(1.0, draw.sampling.top_p * moved_p) * total;
    while (kept < order.size() && (kept == 0 || nucleus < wanted)) nucleus += weights[order[kept++]];
    for (const double moved : {-1e-6, 1e-6}) {
      double left = (device_draw(draw).uniform + moved) * nucleus;
      size_t i = 0;
      while (i + 1 < kept && left >= weights[order[i]]) left -= weights[order[i++]];
      tokens.push_back(order[i]);
    }
  }
  return tokens;
}

struct Rows {
  int vocab;
  float deviation;
  int rows;
};

TEST(CudaSample, DrawsWhatTheCpuDraws) {
  size_t compared = 0;
  size_t at_a_boundary = 0;
  const std::vector<double> top_ps{1, 0.95, 0.5, 0.01, 0, 0.999};
  const std::vector<double> temperatures{1, 0.7, 0.2, 2};
  for (const Rows& rows : std::vector<Rows>{{1, 1, 6},
                                            {2, 1, 12},
                                            {50, 0.1F, 12},
                                            {1000, 2, 12},
                                            {5000, 1e-30F, 2},
                                            {4999, 0.3F, 6},
                                            {49152, 4, 3},
                                            {128256, 1, 2}}) {
    const std::vector<float> logits =
        random_normal(static_cast<size_t>(rows.rows) * static_cast<size_t>(rows.vocab), 11, rows.deviation);
    std::vector<Device::Draw> draws;
    for (size_t row = 0; row < static_cast<size_t>(rows.rows); ++row) {
      draws.push_back(draw_at(temperatures[row % 4], top_ps[row % 6], static_cast<uint32_t>(row)));
    }
    const std::vector<TokenId> got = draw(logits, rows.vocab, draws);
    const std::vector<TokenId> cpu = draw_on_cpu(logits, rows.vocab, draws);
    if (rows.vocab == 50 || rows.vocab == 1000) {
      EXPECT_EQ(draw(logits, rows.vocab, draws, true), got) << "weights in the place of logits";
    }
    for (size_t row = 0; row < got.size(); ++row) {
      ++compared;
      if (got[row] == cpu[row]) continue;
      ++at_a_boundary;
      const std::vector<TokenId> allowed =
          within_rounding(logits.data() + row * static_cast<size_t>(rows.vocab), rows.vocab, draws[row]);
      EXPECT_TRUE(std::find(allowed.begin(), allowed.end(), got[row]) != allowed.end())
          << "vocabulary " << rows.vocab << " row " << row << ": " << got[row] << " for " << cpu[row];
    }
  }
  std::cout << "sample: " << compared << " draws, " << at_a_boundary << " other than the CPU's within rounding\n";
  EXPECT_GT(compared, 0U);
  EXPECT_LE(at_a_boundary, 2U);
}

// Probabilities 0.1, 0.6, 0 and 0.3: the nucleus of 0.85 is token 1 and then token 3.
TEST(CudaSample, ASmallNucleusByHand) {
  std::vector<float> logits;
  std::vector<Device::Draw> draws;
  std::vector<TokenId> expected;
  for (uint32_t i = 0; i < 24; ++i) {
    logits.insert(logits.end(), {std::log(0.1F), std::log(0.6F), -kInfinity, std::log(0.3F)});
    draws.push_back(draw_at(1, 0.85, i));
    expected.push_back(device_draw(draws.back()).uniform * 0.9 < 0.6 ? 1 : 3);
  }
  EXPECT_EQ(draw(logits, 4, draws), expected);
  EXPECT_GT(std::count(expected.begin(), expected.end(), 1), 5);
  EXPECT_GT(std::count(expected.begin(), expected.end(), 3), 3);
}

// Two, or two thousand, tokens of weight 1: a nucleus ends where its weight is reached, a token where it is passed.
TEST(CudaSample, BoundsThatAreMetExactly) {
  struct Case {
    double top_p, uniform;
    TokenId expected;  // of 2,048 tokens
  };
  for (const Case& c : std::vector<Case>{{1, 0.5, 1024},
                                         {1, 0, 0},
                                         {1, 1 - 0x1p-53, 2047},
                                         {0.5, 1 - 0x1p-53, 1023},
                                         {0.5, 0.5, 512},
                                         {0x1p-11, 0.9, 0},
                                         {0, 0.9, 0}}) {
    const DeviceDraw exact{.top_p = c.top_p, .uniform = c.uniform};
    EXPECT_EQ(draw_prepared(std::vector<float>(2048, 3.0F), 2048, {exact})[0], c.expected)
        << c.top_p << " " << c.uniform;
    EXPECT_EQ(draw_prepared({3, 3}, 2, {exact})[0], c.expected / 1024) << c.top_p << " " << c.uniform;
  }
}

TEST(CudaSample, GreedyTiesAndBrokenRows) {
  for (size_t at : {0U, 3U, 1500U}) {
    for (const testing::SampleCase& c : testing::sample_cases()) {
      std::vector<float> row(at, -kInfinity);
      row.insert(row.end(), c.row.begin(), c.row.end());
      const TokenId expected = c.expected < 0 ? -1 : c.expected + static_cast<TokenId>(at);
      EXPECT_EQ(draw(row, static_cast<int>(row.size()), {draw_at(c.temperature, 1, 0)})[0], expected) << at;
    }
  }
}

TEST(CudaSample, ARowDoesNotKnowTheOthers) {
  const int vocab = 3001;
  std::vector<float> logits = random_normal(8 * vocab, 12, 1);
  logits[2 * vocab + 5] = kNan;
  std::vector<Device::Draw> draws;
  for (uint32_t row = 0; row < 8; ++row) draws.push_back(draw_at(row % 4 == 3 ? 0 : 1, 0.9, row));
  const std::vector<TokenId> together = draw(logits, vocab, draws);
  for (int row = 0; row < 8; ++row) {
    const size_t r = static_cast<size_t>(row);
    EXPECT_EQ(draw(rows_of(logits, vocab, row, 1), vocab, {draws[r]})[0], together[r]) << row;
    EXPECT_EQ(together[r] == -1, row == 2);
  }
}

}  // namespace
}  // namespace assay::engine::cuda
