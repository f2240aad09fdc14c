#include "tests/emulation/tensor_core.h"

#include <algorithm>
#include <cstring>

#include "tests/emulation/machine.h"
#include "tests/emulation/numbers.h"
#include "tests/emulation/warp.h"
#include "tests/emulation/watch.h"

namespace assay::emulation {
namespace {

constexpr size_t kRowBytes = 16;
constexpr uint32_t kWholeWarp = 0xFFFFFFFF;

struct LoadOperand {
  uint32_t (*registers)[4];
  const void* row;
  bool transposed;
};

// Rows of one 8x8 matrix are read together; rows in the same 16 bytes of the 128 bytes of banks wait for each other.
int conflicts_of(const int64_t (&offsets)[8]) {
  int most = 1;
  for (int row = 0; row < 8; ++row) {
    int together = 1;
    for (int other = 0; other < row; ++other) {
      if (offsets[other] % 128 == offsets[row] % 128 && offsets[other] != offsets[row]) ++together;
    }
    most = std::max(most, together);
  }
  return most - 1;
}

// Each lane reads the two elements that it receives, whoever gave the address of their row.
void watch_elements(void* const (&operands)[32], int matrix, int lane, int first) {
  const bool transposed = static_cast<const LoadOperand*>(operands[lane])->transposed;
  const int i = lane / 4;
  const int j = lane % 4 * 2;
  for (int half = 0; half < 2; ++half) {
    const int row = transposed ? j + half : i;
    const int column = transposed ? i : j + half;
    const void* start = static_cast<const LoadOperand*>(operands[8 * matrix + row])->row;
    watch_access(first + lane, static_cast<const uint16_t*>(start) + column, sizeof(uint16_t), Access::kRead);
  }
}

void compute_load(void* const (&operands)[32], uint32_t) {
  const int first = current_thread() / kWarp * kWarp;
  uint16_t elements[4][8][8];  // (matrix, row, column)
  int conflicts = 0;
  for (int matrix = 0; matrix < 4; ++matrix) {
    int64_t offsets[8];
    for (int row = 0; row < 8; ++row) {
      const int lane = 8 * matrix + row;
      const void* address = static_cast<const LoadOperand*>(operands[lane])->row;
      offsets[row] = shared_offset(address, kRowBytes);
      if (offsets[row] < 0) {
        throw Fault(Rule::kOutsideShared, fmt::format("the row that {} gives to ldmatrix is outside its shared memory",
                                                      describe_thread(first + lane)));
      }
      if (offsets[row] % static_cast<int64_t>(kRowBytes) != 0) {
        throw Fault(
            Rule::kMisaligned,
            fmt::format("the row that {} gives to ldmatrix begins at byte {} of shared memory; it must be aligned "
                        "to 16 bytes",
                        describe_thread(first + lane), offsets[row]));
      }
      std::memcpy(elements[matrix][row], address, kRowBytes);
    }
    conflicts += conflicts_of(offsets);
  }
  count_ldmatrix(4, conflicts);
  for (int lane = 0; lane < kWarp; ++lane) {
    const auto& operand = *static_cast<const LoadOperand*>(operands[lane]);
    const int i = lane / 4;
    const int j = lane % 4 * 2;
    for (int matrix = 0; matrix < 4; ++matrix) {
      const auto& m = elements[matrix];
      if (accesses_are_watched()) watch_elements(operands, matrix, lane, first);
      const uint32_t low = operand.transposed ? m[j][i] : m[i][j];
      const uint32_t high = operand.transposed ? m[j + 1][i] : m[i][j + 1];
      (*operand.registers)[matrix] = low | high << 16;
    }
  }
}

struct ProductOperand {
  HalfType type;
  float (*d)[4];
  const uint32_t (*a)[4];
  const uint32_t (*b)[2];
};

float element(HalfType type, uint32_t pair, int half) {
  const auto bits = static_cast<uint16_t>(pair >> (16 * half));
  return type == HalfType::kBf16 ? bf16_to_float(bits) : f16_to_float(bits);
}

void compute_product(void* const (&operands)[32], uint32_t) {
  float a[16][16];  // (row, k)
  float b[16][8];   // (k, column)
  float d[16][8];
  for (int lane = 0; lane < kWarp; ++lane) {
    const auto& operand = *static_cast<const ProductOperand*>(operands[lane]);
    const int g = lane / 4;
    const int t = lane % 4;
    for (int j = 0; j < 4; ++j) {
      for (int h = 0; h < 2; ++h) {
        a[g + 8 * (j & 1)][2 * t + h + 8 * (j >> 1)] = element(operand.type, (*operand.a)[j], h);
      }
    }
    for (int j = 0; j < 2; ++j) {
      for (int h = 0; h < 2; ++h) b[2 * t + h + 8 * j][g] = element(operand.type, (*operand.b)[j], h);
    }
    for (int i = 0; i < 4; ++i) d[g + 8 * (i >> 1)][2 * t + (i & 1)] = (*operand.d)[i];
  }
  for (int row = 0; row < 16; ++row) {
    for (int k = 0; k < 16; ++k) {
      for (int column = 0; column < 8; ++column) d[row][column] += a[row][k] * b[k][column];
    }
  }
  for (int lane = 0; lane < kWarp; ++lane) {
    const auto& operand = *static_cast<const ProductOperand*>(operands[lane]);
    for (int i = 0; i < 4; ++i) (*operand.d)[i] = d[lane / 4 + 8 * (i >> 1)][2 * (lane % 4) + (i & 1)];
  }
}

}  // namespace

void load_matrix_x4(uint32_t (&registers)[4], const void* row, bool transposed, const std::source_location& where) {
  LoadOperand operand = {&registers, row, transposed};
  rendezvous(WarpCall::kLoadMatrix, kWholeWarp, &operand, &compute_load, where);
}

void matrix_product(HalfType type, float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                    const std::source_location& where) {
  ProductOperand operand = {type, &d, &a, &b};
  rendezvous(WarpCall::kMatrixProduct, kWholeWarp, &operand, &compute_product, where);
}

}  // namespace assay::emulation
