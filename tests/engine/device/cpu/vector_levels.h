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

}  // namespace assay::engine
