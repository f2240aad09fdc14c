#include "tests/engine/device/cuda/elements.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <iostream>
#include <random>

#include "engine/device/cpu/bf16.h"

namespace assay::engine::cuda {
namespace {

uint16_t half_of(float value) {
  return std::bit_cast<uint16_t>(static_cast<_Float16>(value));
}

}  // namespace

const std::vector<NamedType>& all_types() {
  static const std::vector<NamedType> types{
      {Type::kF32, "f32", 0}, {Type::kBf16, "bf16", 0x1p-8}, {Type::kF16, "f16", 0x1p-11}};
  return types;
}

std::vector<uint8_t> to_elements(Type type, const std::vector<float>& values) {
  std::vector<uint8_t> bytes(values.size() * bytes_of(type));
  for (size_t i = 0; i < values.size(); ++i) {
    if (type == Type::kF32) {
      std::memcpy(&bytes[4 * i], &values[i], 4);
    } else {
      const uint16_t bits = type == Type::kBf16 ? to_bf16(values[i]) : half_of(values[i]);
      std::memcpy(&bytes[2 * i], &bits, 2);
    }
  }
  return bytes;
}

std::vector<float> from_elements(Type type, const std::vector<uint8_t>& elements) {
  std::vector<float> values(elements.size() / bytes_of(type));
  for (size_t i = 0; i < values.size(); ++i) {
    if (type == Type::kF32) {
      std::memcpy(&values[i], &elements[4 * i], 4);
    } else {
      uint16_t bits = 0;
      std::memcpy(&bits, &elements[2 * i], 2);
      values[i] = type == Type::kBf16 ? from_bf16(bits) : static_cast<float>(std::bit_cast<_Float16>(bits));
    }
  }
  return values;
}

std::vector<float> rounded(Type type, const std::vector<float>& values) {
  return from_elements(type, to_elements(type, values));
}

std::vector<float> random_normal(size_t n, uint32_t seed, float deviation) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, deviation);
  std::vector<float> values(n);
  for (float& value : values) value = normal(random);
  return values;
}

std::vector<float> random_whole(size_t n, uint32_t seed, int largest) {
  std::mt19937 random(seed);
  std::vector<float> values(n);
  const uint32_t choices = 2 * static_cast<uint32_t>(largest) + 1;
  for (float& value : values) value = static_cast<float>(static_cast<int>(random() % choices) - largest);
  return values;
}

std::vector<float> rows_of(const std::vector<float>& matrix, int cols, int begin, int count) {
  const auto from = matrix.begin() + ptrdiff_t{begin} * cols;
  return {from, from + ptrdiff_t{count} * cols};
}

size_t different_bits(const std::vector<float>& a, const std::vector<float>& b) {
  size_t different = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    different += std::bit_cast<uint32_t>(a[i]) != std::bit_cast<uint32_t>(b[i]);
  }
  return different;
}

void Worst::see(double got, double expected, double tolerance) {
  ++count_;
  if (got == expected || (std::isnan(got) && std::isnan(expected)) || std::isnan(share_)) return;
  const double error = std::abs(got - expected);
  if (!(error <= error_)) error_ = error;
  if (!(error / tolerance <= share_)) share_ = error / tolerance;
}

void expect_within(const Worst& worst, const std::string& what) {
  std::cout << what << ": " << worst.count() << " values, largest difference " << worst.error() << ", " << worst.share()
            << " of the tolerance\n";
  EXPECT_GT(worst.count(), 0U) << what;
  EXPECT_LE(worst.share(), 1) << what;
}

}  // namespace assay::engine::cuda
