#include "tests/engine/device/cpu/vector_levels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "engine/device/cpu/attention_kernel.h"
#include "engine/device/cpu/cpu_features.h"

namespace assay::engine {
namespace {

// One register a vector and 32 of them, as AVX-512 has: the same tiles, by plain C++.
constinit const VectorOps kEmulatedAvx512 = make_vector_ops<VecPlain<1, 32>>();

}  // namespace

std::vector<NamedLevel> vector_levels() {
  std::vector<NamedLevel> levels{{"scalar", &kVectorOpsScalar}, {"avx512 emulated", &kEmulatedAvx512}};
  if (cpu_features().avx2) levels.push_back({"avx2", &kVectorOpsAvx2});
  if (cpu_features().avx512) levels.push_back({"avx512", &kVectorOpsAvx512});
  return levels;
}

const VectorOps& best_level() {
  const CpuFeatures& features = cpu_features();
  return features.avx512 ? kVectorOpsAvx512 : features.avx2 ? kVectorOpsAvx2 : kVectorOpsScalar;
}

std::vector<float> random_floats(size_t n, uint32_t seed, float deviation) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> values(n);
  for (float& value : values) value = normal(random);
  return values;
}

size_t different_bits(const std::vector<float>& a, const std::vector<float>& b) {
  size_t different = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    different += std::bit_cast<uint32_t>(a[i]) != std::bit_cast<uint32_t>(b[i]);
  }
  return different;
}

double ulps(float got, double expected) {
  const float nearest = std::abs(static_cast<float>(expected));
  const float next = std::nextafter(nearest, std::numeric_limits<float>::infinity());
  return std::abs(double{got} - expected) / (double{next} - double{nearest});
}

std::vector<float> floats_up_to(float largest, uint32_t step) {
  std::vector<float> values;
  for (uint32_t bits = 0; bits <= std::bit_cast<uint32_t>(largest); bits += step) {
    values.push_back(std::bit_cast<float>(bits));
    values.push_back(-values.back());
  }
  return values;
}

}  // namespace assay::engine
