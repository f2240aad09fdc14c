// The levels of the CPU's operations that can be tried here.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "engine/device/cpu/ops.h"
#include "engine/device/cpu/vec_ops.h"

namespace assay::engine {

struct NamedLevel {
  std::string name;
  const VectorOps* ops = nullptr;
};

// The oracle, the oracle with the tile shapes of AVX-512, and what this machine has; the first is the oracle.
// VectorLevels.* in ops_test.cc says what was left out.
std::vector<NamedLevel> vector_levels();

// The best of them.
const VectorOps& best_level();

// Normal with the given deviation, from a seed.
std::vector<float> random_floats(size_t n, uint32_t seed, float deviation = 1);

// Number of positions whose representations differ.
size_t different_bits(const std::vector<float>& a, const std::vector<float>& b);

// How far `got` is from `expected`, in units of the last place of the nearest float.
double ulps(float got, double expected);

// Floats of every size and both signs, a pure function of `step`: every step-th representation up to `largest`.
std::vector<float> floats_up_to(float largest, uint32_t step);

// Rows of every remainder of a vector, and those of real models.
inline const std::vector<int> kWidths{1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 47, 48, 63, 64, 100, 576, 1536, 2047};

}  // namespace assay::engine
