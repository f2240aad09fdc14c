#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "base/random.h"
#include "engine/device/cpu/ops.h"
#include "tests/engine/device/cpu/vector_levels.h"
#include "tests/engine/device/special_rows.h"

namespace assay::engine {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::vector<LogProbability> gather(const VectorOps& ops, int threads, const std::vector<float>& logits, int vocab,
                                   const std::vector<Target>& targets) {
  ThreadPool pool(threads);
  std::vector<LogProbability> out(targets.size());
  log_softmax_and_gather(pool, ops, logits.data(), static_cast<int>(logits.size()) / vocab, vocab, targets, out);
  return out;
}

std::vector<float> logprobs(const std::vector<LogProbability>& results) {
  std::vector<float> values;
  for (const LogProbability& result : results) values.push_back(result.logprob);
  return values;
}

double log_softmax(const float* row, int vocab, int token) {
  const double top = *std::max_element(row, row + vocab);
  double sum = 0;
  for (int i = 0; i < vocab; ++i) sum += std::exp(double{row[i]} - top);
  return double{row[token]} - top - std::log(sum);
}

TEST(LogSoftmax, EqualsDoubleAndAllLevelsAgree) {
  size_t compared = 0;
  double worst = 0;
  for (int vocab : {1, 5, 16, 257, 1000, 1024, 1025, 49152, 128256}) {
    const int rows = 3;
    const std::vector<float> logits = random_floats(static_cast<size_t>(rows * vocab), 7, 8);
    std::vector<Target> targets;
    for (int row = 0; row < rows; ++row) {
      const float* begin = logits.data() + row * vocab;
      targets.push_back({row, 0});
      targets.push_back({row, vocab / 2});
      targets.push_back({row, static_cast<int>(std::max_element(begin, begin + vocab) - begin)});
    }
    const std::vector<LogProbability> oracle = gather(kVectorOpsScalar, 1, logits, vocab, targets);
    for (size_t i = 0; i < targets.size(); ++i) {
      const double expected = log_softmax(logits.data() + targets[i].row * vocab, vocab, targets[i].token);
      worst = std::max(worst, std::abs(oracle[i].logprob - expected) / std::max(1.0, std::abs(expected)));
      EXPECT_EQ(oracle[i].is_argmax, targets[i].token == targets[i / 3 * 3 + 2].token);
      EXPECT_EQ(oracle[i].best, oracle[i / 3 * 3 + 2].logprob) << "the maximum's own log-probability";
      ++compared;
    }
    for (const NamedLevel& level : vector_levels()) {
      for (int threads : {1, 2}) {
        EXPECT_EQ(different_bits(logprobs(gather(*level.ops, threads, logits, vocab, targets)), logprobs(oracle)), 0U)
            << level.name << " " << vocab;
      }
    }
  }
  std::cout << compared << " targets, worst relative difference " << worst << "\n";
  EXPECT_GT(compared, 0U);
  EXPECT_LT(worst, 2e-7);
}

TEST(LogSoftmax, SpecialRows) {
  for (const NamedLevel& level : vector_levels()) {
    for (size_t at : {0U, 5U, 40U, 2000U}) {  // the row's place in a longer one that is otherwise impossible
      for (const testing::LogSoftmaxCase& c : testing::log_softmax_cases()) {
        std::vector<float> row(at, -kInfinity);
        row.insert(row.end(), c.row.begin(), c.row.end());
        const Target target{0, static_cast<TokenId>(at) + c.token};
        const LogProbability got = gather(*level.ops, 1, row, static_cast<int>(row.size()), {target})[0];
        EXPECT_EQ(std::isnan(got.logprob), std::isnan(c.logprob)) << level.name;
        if (!std::isnan(c.logprob)) {
          EXPECT_FLOAT_EQ(got.logprob, c.logprob) << level.name;
        }
        EXPECT_EQ(got.is_argmax, c.is_argmax) << level.name;
      }
    }
  }
}

TEST(LogSoftmax, RefusesTargetsOutsideTheLogits) {
  const std::vector<float> logits(20);
  for (const Target& bad : {Target{2, 0}, Target{-1, 0}, Target{0, 10}, Target{0, -1}}) {
    EXPECT_THROW(gather(kVectorOpsScalar, 1, logits, 10, {bad}), Error);
  }
}

std::vector<TokenId> draw(const VectorOps& ops, int threads, const std::vector<float>& logits, int vocab,
                          const std::vector<Device::Draw>& draws) {
  ThreadPool pool(threads);
  std::vector<TokenId> out(draws.size());
  sample(pool, ops, logits.data(), static_cast<int>(draws.size()), vocab, draws, out);
  return out;
}

Device::Draw draw_at(double temperature, double top_p, uint32_t position) {
  return {{temperature, top_p, 1234, 99, 3}, position};
}

// The definition, by a full sort in f64.
TokenId nucleus_by_definition(const float* row, int vocab, const Device::Draw& draw) {
  const double top = *std::max_element(row, row + vocab);
  std::vector<double> weights;
  for (int i = 0; i < vocab; ++i) weights.push_back(std::exp((double{row[i]} - top) / draw.sampling.temperature));
  std::vector<int> order(weights.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return weights[a] > weights[b]; });
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  double nucleus = 0;
  size_t kept = 0;
  while (kept < order.size() && (kept == 0 || nucleus < draw.sampling.top_p * total)) nucleus += weights[order[kept++]];
  double left = nucleus * uniform_at(draw.sampling.seed, draw.sampling.sample_key, draw.sampling.repeat, draw.position);
  size_t i = 0;
  while (i + 1 < kept && left >= weights[order[i]]) left -= weights[order[i++]];
  return order[i];
}

TEST(Sample, NucleusEqualsTheDefinition) {
  size_t compared = 0;
  for (const auto& [vocab, deviation] : {std::pair{2, 1.0F}, {50, 0.1F}, {1000, 2.0F}, {5000, 1e-30F}, {49152, 4.0F}}) {
    const int rows = vocab > 10000 ? 12 : 60;
    std::vector<float> logits = random_floats(static_cast<size_t>(rows * vocab), 11, deviation);
    std::vector<Device::Draw> draws;
    const std::vector<double> top_ps{1, 0.95, 0.5, 0.01, 0};
    const std::vector<double> temperatures{1, 0.7, 0.2, 2};
    for (int row = 0; row < rows; ++row) {
      draws.push_back(draw_at(temperatures[row % 4], top_ps[row % 5], static_cast<uint32_t>(row)));
    }
    std::vector<TokenId> expected;
    for (int row = 0; row < rows; ++row) {
      expected.push_back(nucleus_by_definition(logits.data() + row * vocab, vocab, draws[row]));
    }
    for (const NamedLevel& level : vector_levels()) {
      EXPECT_EQ(draw(*level.ops, 1, logits, vocab, draws), expected) << level.name << " " << vocab;
      EXPECT_EQ(draw(*level.ops, 2, logits, vocab, draws), expected) << level.name << " " << vocab;
      compared += expected.size();
    }
  }
  std::cout << compared << " draws\n";
  EXPECT_GT(compared, 0U);
}

TEST(Sample, FrequenciesFollowTheProbabilities) {
  const int n = 20000;
  std::vector<float> logits;
  std::vector<Device::Draw> draws;
  for (int i = 0; i < n; ++i) {
    logits.insert(logits.end(), {std::log(0.1F), std::log(0.6F), std::log(0.3F)});
    draws.push_back(draw_at(1, 1, static_cast<uint32_t>(i)));
  }
  std::vector<int> counts(3);
  for (TokenId token : draw(best_level(), 2, logits, 3, draws)) ++counts[static_cast<size_t>(token)];
  const std::vector<double> probabilities{0.1, 0.6, 0.3};
  for (size_t i = 0; i < 3; ++i) {
    const double deviation = std::sqrt(n * probabilities[i] * (1 - probabilities[i]));
    EXPECT_NEAR(counts[i], n * probabilities[i], 4 * deviation);
  }
}

TEST(Sample, GreedyTiesAndBrokenRows) {
  for (const NamedLevel& level : vector_levels()) {
    for (const testing::SampleCase& c : testing::sample_cases()) {
      EXPECT_EQ(draw(*level.ops, 1, c.row, 4, {draw_at(c.temperature, 1, 0)})[0], c.expected) << level.name;
    }
  }
}

}  // namespace
}  // namespace assay::engine
