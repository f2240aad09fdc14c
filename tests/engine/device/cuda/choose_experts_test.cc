// From the router's logits to places, and from places back to rows.
#include "engine/device/cuda/kernels/choose_experts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "engine/device/cuda/expert_routing.h"
#include "engine/device/cuda/kernels/combine_places.h"
#include "tests/engine/device/cuda/elements.h"

namespace assay::engine::cuda {
namespace {

using assay::testing::DeviceBuffer;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct Choices {
  std::vector<int32_t> chosen;
  std::vector<float> weights;
};

Choices choose(const std::vector<float>& logits, int experts, int choices) {
  const int rows = static_cast<int>(logits.size()) / experts;
  const DeviceBuffer<float> device_logits(logits);
  DeviceBuffer<int32_t> chosen(static_cast<size_t>(rows * choices));
  DeviceBuffer<float> weights(chosen.size());
  choose_experts(nullptr, {.logits = device_logits.data(),
                           .chosen = chosen.data(),
                           .weights = weights.data(),
                           .rows = rows,
                           .experts = experts,
                           .choices = choices});
  return {chosen.download(), weights.download()};
}

// By sorting, and in f64. Logits of a few whole numbers have many equals.
TEST(CudaChooseExperts, EqualsSortingAndDouble) {
  Worst worst;
  for (const auto& [rows, experts, choices] :
       {std::tuple{1, 1, 1}, {3, 4, 2}, {200, 8, 2}, {65, 64, 8}, {64, 5, 5}, {130, 128, 4}}) {
    for (const bool whole : {false, true}) {
      const size_t n = static_cast<size_t>(rows * experts);
      const std::vector<float> logits = whole ? random_whole(n, 1, 3) : random_normal(n, 2, 4);
      const Choices got = choose(logits, experts, choices);
      for (int row = 0; row < rows; ++row) {
        const float* of_row = &logits[static_cast<size_t>(row * experts)];
        std::vector<int> order(static_cast<size_t>(experts));
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return of_row[a] > of_row[b]; });
        double sum = 0;
        for (int i = 0; i < choices; ++i) sum += std::exp(double{of_row[order[static_cast<size_t>(i)]]});
        for (int i = 0; i < choices; ++i) {
          const size_t at = static_cast<size_t>(row * choices + i);
          const int expected = order[static_cast<size_t>(i)];
          EXPECT_EQ(got.chosen[at], expected) << experts << " row " << row << " choice " << i;
          const double weight = std::exp(double{of_row[expected]}) / sum;
          // The difference to the largest logit, up to 30, is rounded, and its exponential with it.
          worst.see(got.weights[at], weight, 2e-6 * weight);
        }
      }
    }
  }
  expect_within(worst, "choose_experts");
}

TEST(CudaChooseExperts, SpecialRows) {
  struct Case {
    std::vector<float> logits;
    std::vector<int32_t> chosen;
    std::vector<float> weights;
  };
  for (const Case& c : std::vector<Case>{{{1, 1, 1, 1}, {0, 1}, {0.5F, 0.5F}},
                                         {{0, -0.0F, 0, -1}, {0, 1}, {0.5F, 0.5F}},
                                         {{-kInfinity, 2, -kInfinity, -kInfinity}, {1, 0}, {1, 0}},
                                         {{3e38F, -3e38F, -3e38F, 0}, {0, 3}, {1, 0}},
                                         {{9, kNan, 10, 11}, {0, 1}, {kNan, kNan}},
                                         {{kNan, kNan, kNan, kNan}, {0, 1}, {kNan, kNan}},
                                         {{0, kInfinity, 1, kInfinity}, {1, 3}, {kNan, kNan}},
                                         {{-kInfinity, -kInfinity, -kInfinity, -kInfinity}, {0, 1}, {kNan, kNan}}}) {
    const Choices got = choose(c.logits, 4, 2);
    EXPECT_EQ(got.chosen, c.chosen) << c.logits[0] << " " << c.logits[1];
    for (size_t i = 0; i < 2; ++i) {
      EXPECT_TRUE(got.weights[i] == c.weights[i] || (std::isnan(got.weights[i]) && std::isnan(c.weights[i])))
          << c.logits[0] << " " << c.logits[1] << " weighs " << got.weights[i];
    }
  }
}

TEST(CudaChooseExperts, ARowDoesNotKnowTheOthers) {
  std::vector<float> logits = random_normal(150 * 8, 3);
  logits[7 * 8 + 2] = kNan;
  const Choices together = choose(logits, 8, 2);
  for (int row = 0; row < 150; ++row) {
    const Choices alone = choose(rows_of(logits, 8, row, 1), 8, 2);
    const auto at = static_cast<ptrdiff_t>(2 * row);
    EXPECT_TRUE(std::equal(alone.chosen.begin(), alone.chosen.end(), together.chosen.begin() + at)) << row;
    EXPECT_EQ(different_bits(alone.weights, rows_of(together.weights, 2, row, 1)), 0U) << row;
  }
}

TEST(CudaExpertPlaces, StandExpertByExpertAndInTheOrderOfRows) {
  // Rows 0 and 1 are generated tokens.
  const std::vector<int32_t> chosen{2, 0, 0, 3, 2, 3, 3, 0};
  const ExpertPlaces places = order_places(chosen, {2, 2}, 5);
  EXPECT_EQ(places.row_of_place, (std::vector<int32_t>{0, 1, 3, 0, 2, 1, 2, 3}));
  EXPECT_EQ(places.place_of_choice, (std::vector<int32_t>{3, 0, 1, 5, 4, 6, 7, 2}));
  EXPECT_EQ(places.first_place, (std::vector<int>{0, 3, 3, 5, 8}));
  const std::vector<std::pair<int, int>> counts{{2, 1}, {0, 0}, {1, 1}, {1, 2}, {0, 0}};
  for (size_t expert = 0; expert < counts.size(); ++expert) {
    EXPECT_EQ(places.counts[expert].generated, counts[expert].first) << expert;
    EXPECT_EQ(places.counts[expert].prompt, counts[expert].second) << expert;
  }
  EXPECT_TRUE(order_places({}, {0, 0}, 3).row_of_place.empty());
  for (const int32_t wrong : {-1, 5}) EXPECT_THROW(order_places(std::vector<int32_t>{wrong}, {0, 1}, 5), Error);
}

TEST(CudaCombinePlaces, EqualsDouble) {
  Worst worst;
  for (const auto& [rows, cols, choices] : {std::tuple{1, 1, 1}, {3, 7, 2}, {5, 64, 2}, {2, 2056, 3}, {4, 2049, 8}}) {
    const size_t n = static_cast<size_t>(cols);
    const size_t count = static_cast<size_t>(rows * choices);
    const std::vector<float> x = random_normal(count * n, 4);
    const std::vector<float> before = random_normal(static_cast<size_t>(rows) * n, 5);
    const std::vector<float> weights = random_normal(count, 6);
    std::vector<int32_t> places(count);  // a permutation: 7 has no divisor in common with a count above
    for (size_t i = 0; i < count; ++i) places[i] = static_cast<int32_t>((i * 7 + 3) % count);
    const auto combine = [&](int first, int number) {
      const auto from = static_cast<size_t>(first);
      const DeviceBuffer<float> device_x(x);
      const DeviceBuffer<int32_t> device_places(places);
      const DeviceBuffer<float> device_weights(weights);
      DeviceBuffer<float> out(rows_of(before, cols, first, number));
      const size_t skipped = from * static_cast<size_t>(choices);
      combine_places(nullptr, {.x = device_x.data(),
                               .places = device_places.data() + skipped,
                               .weights = device_weights.data() + skipped,
                               .out = out.data(),
                               .rows = number,
                               .cols = cols,
                               .choices = choices});
      return out.download();
    };
    const std::vector<float> got = combine(0, rows);
    for (size_t i = 0; i < got.size(); ++i) {
      double sum = before[i];
      double magnitudes = std::abs(sum);
      for (size_t c = i / n * static_cast<size_t>(choices); c < (i / n + 1) * static_cast<size_t>(choices); ++c) {
        const double term = double{weights[c]} * double{x[static_cast<size_t>(places[c]) * n + i % n]};
        sum += term;
        magnitudes += std::abs(term);
      }
      worst.see(got[i], sum, (choices + 1) * 0x1p-24 * magnitudes);
    }
    EXPECT_EQ(different_bits(combine(rows - 1, 1), rows_of(got, cols, rows - 1, 1)), 0U) << "a row alone";
  }
  expect_within(worst, "combine_places");
}

// Large terms that cancel: only the order of the choices, added to the stream at the end, gives these numbers.
TEST(CudaCombinePlaces, AddsFromTheBestChoiceOnAndTheStreamLast) {
  const DeviceBuffer<float> x(std::vector<float>{1e8F, -1e8F, 1});
  const DeviceBuffer<float> weights(std::vector<float>{1, 1, 1, 1, 1, 1});
  const DeviceBuffer<int32_t> places(std::vector<int32_t>{0, 1, 2, 0, 2, 1});
  DeviceBuffer<float> out(std::vector<float>{1, 1});
  combine_places(nullptr, {x.data(), places.data(), weights.data(), out.data(), 2, 1, 3});
  EXPECT_EQ(out.download(), (std::vector<float>{2, 1}));
}

}  // namespace
}  // namespace assay::engine::cuda
