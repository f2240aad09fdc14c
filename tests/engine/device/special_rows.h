// Rows of logits at the edges of the contract (engine/device/device.h), the same for every device.
#pragma once

#include <cmath>
#include <limits>
#include <vector>

#include "engine/device/device.h"

namespace assay::engine::testing {

struct LogSoftmaxCase {
  std::vector<float> row;
  int token;
  float logprob;  // NaN expected where it is NaN
  bool is_argmax;
};

inline std::vector<LogSoftmaxCase> log_softmax_cases() {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const float half = std::log(0.5F);
  return {
      {{1, 1, -kInfinity}, 0, half, true},
      {{1, 1, -kInfinity}, 1, half, false},  // the first of equals is the argmax
      {{1, 1, -kInfinity}, 2, -kInfinity, false},
      {{0.0F, -0.0F}, 0, half, true},
      {{-0.0F, 0.0F}, 1, half, false},
      {{1, kNan, 2}, 2, kNan, false},
      {{kNan}, 0, kNan, false},
      {{-kInfinity, -kInfinity}, 0, kNan, false},
      {{kInfinity, 0}, 1, kNan, false},
      {{-3e38F, 3e38F}, 1, 0, true},
      {{0}, 0, 0, true},
  };
}

struct SampleCase {
  std::vector<float> row;  // of four
  double temperature;
  TokenId expected;
};

inline std::vector<SampleCase> sample_cases() {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  return {
      {{1, 3, 3, 2}, 0, 1},
      {{0, -0.0F, 0, 0}, 0, 0},
      {{-0.0F, 0, 0, 0}, 0, 0},
      {{1, kNan, 0, 0}, 0, -1},
      {{1, kNan, 0, 0}, 1, -1},
      {{-kInfinity, -kInfinity, -kInfinity, -kInfinity}, 0, -1},
      {{kInfinity, 0, 0, 0}, 1, -1},
      {{-kInfinity, 5, 4.9F, 0}, 1e-60, 1},
      {{0, 100, 0, 0}, 1e-3, 1},
      {{-kInfinity, -kInfinity, 7, -kInfinity}, 1e300, 2},  // a factor of 0 times an infinity
  };
}

}  // namespace assay::engine::testing
