#include "engine/device/cuda/kernels/log_softmax.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <iostream>
#include <limits>

#include "tests/engine/device/cuda/elements.h"
#include "tests/engine/device/special_rows.h"

namespace assay::engine::cuda {
namespace {

using assay::testing::DeviceBuffer;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<LogProbability> gather(const std::vector<float>& logits, int vocab, const std::vector<Target>& targets) {
  const DeviceBuffer<float> device_logits(logits);
  const DeviceBuffer<Target> device_targets(targets);
  DeviceBuffer<LogProbability> out(targets.size());
  log_softmax_and_gather(nullptr, {.logits = device_logits.data(),
                                   .targets = device_targets.data(),
                                   .out = out.data(),
                                   .rows = static_cast<int>(logits.size()) / vocab,
                                   .vocab = vocab,
                                   .count = static_cast<int>(targets.size())});
  return out.download();
}

double log_softmax(const float* row, int vocab, int token) {
  const double top = *std::max_element(row, row + vocab);
  double sum = 0;
  for (int i = 0; i < vocab; ++i) sum += std::exp(double{row[i]} - top);
  return double{row[token]} - top - std::log(sum);
}

// The result is f32: beside the error of the sum, half a unit in its last place.
double tolerance(double expected) {
  return 4e-7 + 0x1p-24 * std::abs(expected);
}

TEST(CudaLogSoftmax, EqualsDouble) {
  Worst worst;
  for (const auto& [vocab, deviation] : {std::pair{1, 1.0F},
                                         {5, 8.0F},
                                         {16, 8.0F},
                                         {257, 3.0F},
                                         {1000, 2.0F},
                                         {1025, 0.0F},
                                         {49152, 4.0F},
                                         {128256, 2.0F},
                                         {128255, 0.01F},
                                         {256000, 1.0F},
                                         {256000, 12.0F}}) {
    const int rows = vocab > 10000 ? 2 : 4;
    std::vector<float> logits = random_normal(static_cast<size_t>(rows) * static_cast<size_t>(vocab), 7, deviation);
    // One token far above the rest, where the terms that add up are small and many.
    logits[static_cast<size_t>(vocab / 3)] += deviation > 2 ? 0 : 12;
    std::vector<Target> targets;
    for (int row = 0; row < rows; row += 1 + row % 2) {  // row 2 has no targets
      const float* begin = logits.data() + static_cast<size_t>(row) * static_cast<size_t>(vocab);
      targets.push_back({row, 0});
      targets.push_back({row, vocab / 2});
      targets.push_back({row, static_cast<int>(std::max_element(begin, begin + vocab) - begin)});
    }
    const std::vector<LogProbability> got = gather(logits, vocab, targets);
    for (size_t i = 0; i < targets.size(); ++i) {
      const float* row = logits.data() + static_cast<size_t>(targets[i].row) * static_cast<size_t>(vocab);
      const Target& top = targets[i / 3 * 3 + 2];
      const double expected = log_softmax(row, vocab, targets[i].token);
      const double best = log_softmax(row, vocab, top.token);
      worst.see(got[i].logprob, expected, tolerance(expected));
      worst.see(got[i].best, best, tolerance(best));
      EXPECT_EQ(got[i].is_argmax, targets[i].token == top.token) << vocab;
    }
  }
  expect_within(worst, "log_softmax_and_gather");
}

TEST(CudaLogSoftmax, SpecialRows) {
  for (size_t at : {0U, 5U, 40U, 2000U, 9000U}) {  // the row's place in a longer one that is otherwise impossible
    for (const testing::LogSoftmaxCase& c : testing::log_softmax_cases()) {
      std::vector<float> row(at, -kInfinity);
      row.insert(row.end(), c.row.begin(), c.row.end());
      const LogProbability got =
          gather(row, static_cast<int>(row.size()), {{0, static_cast<TokenId>(at) + c.token}})[0];
      EXPECT_TRUE(std::isnan(got.logprob) ? std::isnan(c.logprob)
                                          : std::abs(got.logprob - c.logprob) < 1e-7F || got.logprob == c.logprob)
          << got.logprob << " for " << c.logprob;
      EXPECT_EQ(got.is_argmax, c.is_argmax) << c.logprob;
      if (std::isnan(c.logprob)) {
        EXPECT_EQ(got.best, 0);
      }
    }
  }
}

TEST(CudaLogSoftmax, ARowDoesNotKnowTheOthersNorTheNumberOfTargets) {
  for (int vocab : {1000, 1003, 20000}) {
    std::vector<float> logits = random_normal(static_cast<size_t>(5 * vocab), 8, 3);
    logits[static_cast<size_t>(vocab)] = kNan;
    std::vector<Target> targets;
    for (int row = 0; row < 5; ++row) {
      for (int i = 0; i < row * 700 + 1; ++i) targets.push_back({row, (i * 7) % vocab});
    }
    const std::vector<LogProbability> together = gather(logits, vocab, targets);
    size_t different = 0;
    for (int row = 0; row < 5; ++row) {
      const auto first = std::find_if(targets.begin(), targets.end(), [&](const Target& t) { return t.row == row; });
      const LogProbability alone = gather(rows_of(logits, vocab, row, 1), vocab, {{0, first->token}})[0];
      const LogProbability& other = together[static_cast<size_t>(first - targets.begin())];
      different += different_bits({alone.logprob, alone.best}, {other.logprob, other.best});
      EXPECT_EQ(std::isnan(alone.logprob), row == 1);
    }
    EXPECT_EQ(different, 0U) << vocab;
    Worst worst;  // a row may have more targets than a block has threads
    float best = 0;
    for (size_t i = 0; i < targets.size(); ++i) {
      if (i == 0 || targets[i].row != targets[i - 1].row) best = together[i].best;
      if (targets[i].row == 1) continue;
      const size_t row = static_cast<size_t>(targets[i].row) * static_cast<size_t>(vocab);
      const float* begin = logits.data() + row;
      const double above = double{*std::max_element(begin, begin + vocab)} - double{begin[targets[i].token]};
      worst.see(together[i].logprob, double{best} - above, tolerance(above + 20));
    }
    expect_within(worst, "targets of a row");
  }
}

TEST(CudaLogSoftmax, NoTargetsAreNoLaunch) {
  log_softmax_and_gather(nullptr, {.rows = 5, .vocab = 10});
}

}  // namespace
}  // namespace assay::engine::cuda
