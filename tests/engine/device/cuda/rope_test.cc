#include "engine/device/cuda/kernels/rope.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/device/page.h"
#include "tests/engine/device/cuda/elements.h"

namespace assay::engine::cuda {
namespace {

using assay::testing::DeviceBuffer;

struct Shape {
  int heads, kv_heads, head_dim;
  int row() const { return (heads + 2 * kv_heads) * head_dim; }
};

constexpr int kPages = 7;
constexpr int kPositions = 200;

// (positions, head_dim / 2, 2), as the host makes it.
std::vector<float> rotations(int head_dim) {
  std::vector<float> table;
  for (int position = 0; position < kPositions; ++position) {
    for (int i = 0; i < head_dim / 2; ++i) {
      const double angle = position * std::pow(10000.0, -2.0 * i / head_dim);
      table.push_back(static_cast<float>(std::cos(angle)));
      table.push_back(static_cast<float>(std::sin(angle)));
    }
  }
  return table;
}

struct Result {
  std::vector<float> qkv, cache;
};

Result run(Type type, const Shape& shape, const std::vector<float>& qkv, const std::vector<RowPlace>& places) {
  DeviceBuffer<float> device_qkv(qkv);
  const DeviceBuffer<RowPlace> device_places(places);
  const DeviceBuffer<float> table(rotations(shape.head_dim));
  Elements cache(type, static_cast<size_t>(kPages * shape.kv_heads * 2 * kPageTokens * shape.head_dim));
  rope_and_cache(nullptr, type,
                 {.qkv = device_qkv.data(),
                  .places = device_places.data(),
                  .rotations = table.data(),
                  .cache = cache.data(),
                  .rows = static_cast<int>(places.size()),
                  .heads = shape.heads,
                  .kv_heads = shape.kv_heads,
                  .head_dim = shape.head_dim});
  return {device_qkv.download(), cache.download()};
}

// Su et al. 2021, eq. 34, in f64. `in` and `turned`: one head.
void turn(const float* in, const float* table, int head_dim, std::vector<double>& turned) {
  const int half = head_dim / 2;
  turned.resize(static_cast<size_t>(head_dim));
  for (int i = 0; i < half; ++i) {
    const double c = table[2 * i];
    const double s = table[2 * i + 1];
    turned[static_cast<size_t>(i)] = in[i] * c - in[half + i] * s;
    turned[static_cast<size_t>(half + i)] = in[half + i] * c + in[i] * s;
  }
}

// Neighbours in a page, the ends of pages, pages in no order.
const std::vector<RowPlace> kPlaces{{0, 3}, {1, 3}, {31, 3}, {32, 0}, {64, 5}, {199, 1}, {45, 6}};

TEST(CudaRope, EqualsDoubleAndFillsTheRightPlaces) {
  for (const NamedType& type : all_types()) {
    Worst worst;
    size_t kept = 0;
    for (const Shape& shape : {Shape{4, 2, 6}, Shape{3, 1, 20}, Shape{4, 4, 16}, Shape{30, 10, 64}, Shape{9, 3, 48},
                               Shape{32, 8, 128}, Shape{1, 1, 2}}) {
      const std::vector<float> qkv = random_normal(kPlaces.size() * static_cast<size_t>(shape.row()), 1, 3);
      const std::vector<float> table = rotations(shape.head_dim);
      const Result got = run(type.type, shape, qkv, kPlaces);
      std::vector<bool> written(got.cache.size());
      std::vector<double> turned;
      for (size_t row = 0; row < kPlaces.size(); ++row) {
        const RowPlace& place = kPlaces[row];
        for (int head = 0; head < shape.heads + 2 * shape.kv_heads; ++head) {
          const size_t at = row * static_cast<size_t>(shape.row()) + static_cast<size_t>(head * shape.head_dim);
          turn(&qkv[at], &table[static_cast<size_t>(place.position * shape.head_dim)], shape.head_dim, turned);
          const int of_cache = head - shape.heads;
          const int is_value = of_cache >= shape.kv_heads;
          const int chunk = (place.page * shape.kv_heads + of_cache % shape.kv_heads) * 2 + is_value;
          for (int i = 0; i < shape.head_dim; ++i) {
            const size_t d = static_cast<size_t>(i);
            const double exact = is_value != 0 ? double{qkv[at + d]} : turned[d];
            const double magnitude = std::abs(qkv[at + d]) +
                                     std::abs(qkv[at + static_cast<size_t>((i + shape.head_dim / 2) % shape.head_dim)]);
            if (of_cache < 0) {
              worst.see(got.qkv[at + d], exact, 0x1p-22 * magnitude);
              continue;
            }
            kept += got.qkv[at + d] == qkv[at + d];
            const int slot = place.position % kPageTokens;
            const size_t cell = static_cast<size_t>((chunk * kPageTokens + slot) * shape.head_dim + i);
            worst.see(got.cache[cell], exact, 0x1p-22 * magnitude + type.half_ulp * std::abs(exact) + 0x1p-24);
            written[cell] = true;
          }
        }
      }
      size_t disturbed = 0;
      for (size_t i = 0; i < written.size(); ++i) disturbed += !written[i] && !std::isnan(got.cache[i]);
      EXPECT_EQ(disturbed, 0U) << type.name << " head dimension " << shape.head_dim;
      kept -= kPlaces.size() * static_cast<size_t>(2 * shape.kv_heads * shape.head_dim);
    }
    EXPECT_EQ(kept, 0U) << "keys and values of qkv stay";
    expect_within(worst, "rope_and_cache " + type.name);
  }
}

TEST(CudaRope, ARowDoesNotKnowTheOthers) {
  for (const Shape& shape : {Shape{4, 2, 6}, Shape{4, 2, 64}}) {
    std::vector<float> qkv = random_normal(kPlaces.size() * static_cast<size_t>(shape.row()), 2);
    qkv[static_cast<size_t>(2 * shape.row())] = std::numeric_limits<float>::quiet_NaN();
    const Result together = run(Type::kBf16, shape, qkv, kPlaces);
    std::vector<float> merged(together.cache.size(), std::numeric_limits<float>::quiet_NaN());
    size_t filled = 0;
    for (size_t row = 0; row < kPlaces.size(); ++row) {
      const Result alone = run(Type::kBf16, shape, rows_of(qkv, shape.row(), static_cast<int>(row), 1), {kPlaces[row]});
      EXPECT_EQ(different_bits(alone.qkv, rows_of(together.qkv, shape.row(), static_cast<int>(row), 1)), 0U);
      for (size_t i = 0; i < merged.size(); ++i) {
        if (std::isnan(alone.cache[i])) continue;
        merged[i] = alone.cache[i];
        ++filled;
      }
    }
    size_t different = 0;
    for (size_t i = 0; i < merged.size(); ++i) {
      different += !(merged[i] == together.cache[i] || (std::isnan(merged[i]) && std::isnan(together.cache[i])));
    }
    EXPECT_EQ(different, 0U);
    EXPECT_EQ(filled, kPlaces.size() * static_cast<size_t>(2 * shape.kv_heads * shape.head_dim));
  }
}

}  // namespace
}  // namespace assay::engine::cuda
