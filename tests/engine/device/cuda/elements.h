// Values of a kernel's element type T (engine/device/cuda/layout.h) on the host, random inputs, and differences that no
// NaN can hide from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/device/cuda/layout.h"
#include "tests/engine/device/cuda/device_buffer.h"

namespace assay::engine::cuda {

struct NamedType {
  Type type;
  std::string name;
  double half_ulp;  // largest relative error of one rounding
};
// f32, bf16, f16.
const std::vector<NamedType>& all_types();

// Rounded to nearest even by other code than the kernels'.
std::vector<uint8_t> to_elements(Type type, const std::vector<float>& values);
std::vector<float> from_elements(Type type, const std::vector<uint8_t>& elements);
// What is left of the values.
std::vector<float> rounded(Type type, const std::vector<float>& values);

// A matrix of T on the device.
class Elements {
 public:
  // Full of NaN.
  Elements(Type type, size_t size) : type_(type), bytes_(size * bytes_of(type)) {}
  Elements(Type type, const std::vector<float>& values) : type_(type), bytes_(to_elements(type, values)) {}
  void* data() { return bytes_.data(); }
  std::vector<float> download() const { return from_elements(type_, bytes_.download()); }
  std::vector<uint8_t> bytes() const { return bytes_.download(); }

 private:
  Type type_;
  assay::testing::DeviceBuffer<uint8_t> bytes_;
};

// Normal with the given deviation.
std::vector<float> random_normal(size_t n, uint32_t seed, float deviation = 1);
// Whole numbers from -largest to largest, whose products and sums are exact.
std::vector<float> random_whole(size_t n, uint32_t seed, int largest);

// Rows begin .. begin + count - 1 of a matrix.
std::vector<float> rows_of(const std::vector<float>& matrix, int cols, int begin, int count);

// How many representations differ.
size_t different_bits(const std::vector<float>& a, const std::vector<float>& b);

// The largest of the errors seen, each as a share of what it may be. A NaN is larger than all and stays. Two NaN, or
// two infinities of a sign, are no error.
class Worst {
 public:
  void see(double got, double expected, double tolerance);
  double share() const { return share_; }
  double error() const { return error_; }
  size_t count() const { return count_; }

 private:
  double share_ = 0;
  double error_ = 0;
  size_t count_ = 0;
};

// Fails unless errors were seen and none was too large, and prints them.
void expect_within(const Worst& worst, const std::string& what);

}  // namespace assay::engine::cuda
