// Which lane holds which element: section by section of the PTX ISA ("Matrix fragments for mma.m16n8k16 with floating
// point type", "ldmatrix"), element by element.
#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <random>

#include "tests/emulation/fault.h"
#include "tests/emulation/kernel_record.h"
#include "tests/emulation/numbers.h"
#include "tests/emulation/sample_kernels.h"
#include "tests/emulation/schedule.h"
#include "tests/engine/device/cuda/device_buffer.h"

namespace assay::testing {
namespace {

// The element (row, column) of matrix m is 4096 + 256 m + 16 row + column, so that each register names its two
// elements.
uint32_t label(int matrix, int row, int column) {
  return static_cast<uint32_t>(4096 + 256 * matrix + 16 * row + column);
}

TEST(Fragments, LdmatrixGivesEachLaneItsElements) {
  int compared = 0;
  for (const int row_elements : {8, 16, 64, 72}) {
    std::vector<uint16_t> tile(static_cast<size_t>(32 * row_elements), 0);
    for (int row = 0; row < 32; ++row) {
      for (int column = 0; column < 8; ++column) {
        tile[static_cast<size_t>(row * row_elements + column)] = static_cast<uint16_t>(label(row / 8, row % 8, column));
      }
    }
    const DeviceBuffer<uint16_t> device_tile(tile);
    for (const bool transposed : {false, true}) {
      DeviceBuffer<uint32_t> registers(32 * 4);
      load_matrix({device_tile.data(), row_elements, transposed, registers.data()});
      const std::vector<uint32_t> got = registers.download();
      for (int i = 0; i < 8; ++i) {
        for (int j = 0; j < 4; ++j) {
          for (int m = 0; m < 4; ++m) {
            const uint32_t low = transposed ? label(m, 2 * j, i) : label(m, i, 2 * j);
            const uint32_t high = transposed ? label(m, 2 * j + 1, i) : label(m, i, 2 * j + 1);
            EXPECT_EQ(got[static_cast<size_t>(4 * (4 * i + j) + m)], low | high << 16)
                << "lane " << 4 * i + j << " register " << m << " transposed " << transposed;
            ++compared;
          }
        }
      }
    }
  }
  std::cout << compared << " registers of ldmatrix\n";
}

TEST(Fragments, LdmatrixCountsBankConflicts) {
  const auto conflicts_with_rows_of = [](int row_elements) {
    const auto count = [] {
      uint64_t conflicts = 0;
      for (const auto& kernel : emulation::kernels_of_this_program()) {
        conflicts += emulation::record_of(kernel.address).conflicts;
      }
      return conflicts;
    };
    const uint64_t before = count();
    const DeviceBuffer<uint16_t> tile(std::vector<uint16_t>(static_cast<size_t>(32 * row_elements)));
    DeviceBuffer<uint32_t> registers(32 * 4);
    load_matrix({tile.data(), row_elements, false, registers.data()});
    return count() - before;
  };
  EXPECT_EQ(conflicts_with_rows_of(8), 0u);       // 128 bytes in a row
  EXPECT_EQ(conflicts_with_rows_of(72), 0u);      // 144 bytes apart: each row one step further
  EXPECT_EQ(conflicts_with_rows_of(16), 4u * 1);  // 32 bytes apart: rows 0 and 4 meet
  EXPECT_EQ(conflicts_with_rows_of(64), 4u * 7);  // 128 bytes apart: all eight meet
}

// One element of A and one of B are not zero; the product must be where the definition of matrix products has it.
template <typename ToBits>
void check_every_element(void (*product)(const ProductParams&), ToBits to_bits) {
  int compared = 0;
  for (int m = 0; m < 16; ++m) {
    for (int k = 0; k < 16; ++k) {
      const int n = (m + 3 * k) % 8;
      const int other_k = (m + k) % 4 == 0 ? (k + 1) % 16 : k;  // sometimes they do not meet
      std::vector<uint32_t> a(32 * 4, 0);
      std::vector<uint32_t> b(32 * 2, 0);
      // A: lane 4 g + t, register j, half h holds row g + 8 (j & 1), column 2 t + h + 8 (j >> 1).
      const int a_lane = 4 * (m % 8) + k % 8 / 2;
      a[static_cast<size_t>(4 * a_lane + m / 8 + 2 * (k / 8))] = uint32_t{to_bits(3.0F)} << (16 * (k % 2));
      // B: register j, half h holds row 2 t + h + 8 j, column g.
      const int b_lane = 4 * n + other_k % 8 / 2;
      b[static_cast<size_t>(2 * b_lane + other_k / 8)] = uint32_t{to_bits(-1.5F)} << (16 * (other_k % 2));
      std::vector<float> d(32 * 4, 0.25F);
      DeviceBuffer<float> device_d(d);
      product({DeviceBuffer<uint32_t>(a).data(), DeviceBuffer<uint32_t>(b).data(), device_d.data()});
      const std::vector<float> got = device_d.download();
      for (int lane = 0; lane < 32; ++lane) {
        for (int i = 0; i < 4; ++i) {
          // D: register i holds row g + 8 (i >> 1), column 2 t + (i & 1).
          const bool here = lane / 4 + 8 * (i >> 1) == m && 2 * (lane % 4) + (i & 1) == n && other_k == k;
          EXPECT_EQ(got[static_cast<size_t>(4 * lane + i)], here ? -4.25F : 0.25F) << m << " " << k << " lane " << lane;
          ++compared;
        }
      }
    }
  }
  std::cout << compared << " registers of mma\n";
}

TEST(Fragments, MmaMultipliesBf16) {
  check_every_element(&product_bf16, emulation::float_to_bf16);
}

TEST(Fragments, MmaMultipliesF16) {
  check_every_element(&product_f16, emulation::float_to_f16);
}

}  // namespace
}  // namespace assay::testing
