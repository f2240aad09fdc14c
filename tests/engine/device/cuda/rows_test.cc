#include "engine/device/cuda/kernels/rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <limits>

#include "tests/engine/device/cuda/elements.h"

namespace assay::engine::cuda {
namespace {

using assay::testing::DeviceBuffer;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Rounding to all types is put to the test: ties, the largest and the smallest numbers, what is not a number.
std::vector<float> awkward_values(size_t n, uint32_t seed) {
  std::vector<float> values = random_normal(n, seed, 3);
  const std::vector<float> special{0,     -0.0F,      1 + 0x1p-8F, 1 + 0x3p-8F, 1 + 0x1p-11F, 1 + 0x3p-11F, 65519,
                                   65520, -kInfinity, kNan,        3.4e38F,     0x1p-25F,     0x1.8p-24F,   1e-40F};
  for (size_t i = 0; i < n; i += 3) values[i] = special[i / 3 % special.size()];
  return values;
}

struct Shape {
  int rows, cols, from_gap, to_gap, offset;  // gaps between rows; values before the first row
};
// Aligned, ragged, padded, and rows that begin anywhere.
const std::vector<Shape> kShapes{{1, 1, 0, 0, 0},   {3, 5, 0, 0, 0},   {4, 48, 0, 0, 0},   {2, 2056, 8, 0, 0},
                                 {5, 64, 0, 16, 8}, {3, 100, 3, 1, 1}, {2, 4096, 0, 0, 0}, {2, 4097, 0, 3, 0}};

using Operation = void (*)(Stream, Type, const RowsParams&);

// Compares with the definition, and what lies between the rows with what was there before.
void check(Operation operation, Type from_type, Type to_type, Type type, const std::string& name) {
  size_t compared = 0;
  for (const Shape& shape : kShapes) {
    for (bool with_ids : {false, true}) {
      if (with_ids && operation == convert) continue;
      const int source_rows = shape.rows + 3;
      const int from_stride = shape.cols + shape.from_gap;
      const int to_stride = shape.cols + shape.to_gap;
      const size_t offset = static_cast<size_t>(shape.offset);
      const std::vector<float> values =
          rounded(from_type, awkward_values(offset + static_cast<size_t>(source_rows * from_stride), 5));
      std::vector<int32_t> ids;
      for (int row = 0; row < shape.rows; ++row) ids.push_back((row * 5 + 2) % source_rows);
      Elements from(from_type, values);
      Elements to(to_type, offset + static_cast<size_t>(shape.rows * to_stride));
      const DeviceBuffer<int32_t> device_ids(ids);
      std::vector<float> expected = to.download();
      for (int row = 0; row < shape.rows; ++row) {
        const int source = with_ids ? ids[static_cast<size_t>(row)] : row;
        for (int col = 0; col < shape.cols; ++col) {
          expected[offset + static_cast<size_t>(row * to_stride + col)] =
              values[offset + static_cast<size_t>(source * from_stride + col)];
        }
      }
      operation(nullptr, type,
                {.from = static_cast<uint8_t*>(from.data()) + offset * bytes_of(from_type),
                 .to = static_cast<uint8_t*>(to.data()) + offset * bytes_of(to_type),
                 .ids = with_ids ? device_ids.data() : nullptr,
                 .from_stride = from_stride,
                 .to_stride = to_stride,
                 .rows = shape.rows,
                 .cols = shape.cols});
      const std::vector<float> got = to.download();
      const std::vector<float> wanted = rounded(to_type, expected);
      size_t different = 0;
      for (size_t i = 0; i < got.size(); ++i) {
        const bool both_nan = std::isnan(got[i]) && std::isnan(wanted[i]);
        different += !both_nan && different_bits({got[i]}, {wanted[i]}) != 0;
      }
      EXPECT_EQ(different, 0U) << name << " " << shape.rows << " " << shape.cols << " " << with_ids;
      compared += got.size();
    }
  }
  std::cout << name << ": " << compared << " values, 0 differences wanted\n";
  EXPECT_GT(compared, 0U);
}

TEST(CudaRows, EmbedGatherConvertWidenAreExact) {
  for (const NamedType& type : all_types()) {
    check(embed, type.type, Type::kF32, type.type, "embed " + type.name);
    check(gather_rows, type.type, type.type, type.type, "gather " + type.name);
    check(convert, Type::kF32, type.type, type.type, "convert " + type.name);
    check(widen, type.type, Type::kF32, type.type, "widen " + type.name);
  }
}

// The product is made in f32, rounded once.
TEST(CudaRows, EmbedScales) {
  for (const NamedType& type : all_types()) {
    for (const int cols : {5, 96}) {
      const std::vector<float> table = rounded(type.type, random_normal(static_cast<size_t>(4 * cols), 9));
      Elements from(type.type, table);
      const DeviceBuffer<int32_t> ids(std::vector<int32_t>{3, 1});
      DeviceBuffer<float> to(static_cast<size_t>(2 * cols));
      const float scale = std::sqrt(96.0F);
      embed(nullptr, type.type,
            {.from = from.data(),
             .to = to.data(),
             .ids = ids.data(),
             .from_stride = cols,
             .to_stride = cols,
             .rows = 2,
             .cols = cols,
             .scale = scale});
      std::vector<float> expected = rows_of(table, cols, 3, 1);
      const std::vector<float> second = rows_of(table, cols, 1, 1);
      expected.insert(expected.end(), second.begin(), second.end());
      for (float& value : expected) value = static_cast<float>(double{value} * double{scale});
      EXPECT_EQ(different_bits(to.download(), expected), 0U) << type.name << " " << cols;
    }
  }
}

TEST(CudaRows, NoRowsAreNoLaunch) {
  embed(nullptr, Type::kBf16, {.cols = 8});
  gather_rows(nullptr, Type::kF32, {.rows = 8});
}

}  // namespace
}  // namespace assay::engine::cuda
