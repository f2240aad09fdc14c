// Small correct kernels that the emulation's own tests run.
#pragma once

#include <cstdint>

namespace assay::testing {

// ldmatrix of a tile (32, row_elements) of 16-bit numbers: lane l gives the row l % 8 + 8 (l / 8) of columns 0..7.
// registers (32 lanes, 4).
struct LoadMatrixParams {
  const uint16_t* tile;
  int row_elements;  // a multiple of 8, at most 72
  bool transposed;
  uint32_t* registers;
};
void load_matrix(const LoadMatrixParams& params);

// d (32 lanes, 4) += a (32 lanes, 4) * b (32 lanes, 2): fragments as each lane holds them.
struct ProductParams {
  const uint32_t* a;
  const uint32_t* b;
  float* d;
};
void product_bf16(const ProductParams& params);
void product_f16(const ProductParams& params);

// out[block] = the sum of x (blocks, 256): shuffles, then shared memory and a barrier.
struct SumParams {
  const float* x;
  float* out;
};
void block_sum(const SumParams& params, int blocks);

// What each lane of one warp gets of its lane number: (7, lanes) for shfl 5, shfl lane + 1 in groups of 8, xor 3, down
// 4, any, all and ballot of "lane is odd".
struct CollectiveParams {
  uint32_t* out;
};
void collectives(const CollectiveParams& params, int lanes);

// out (16 threads, 4 words) = in, through cp.async in two groups; threads from `valid` on get zeros.
struct CopyParams {
  const uint32_t* in;
  int valid;
  uint32_t* out;
};
void copy_through_shared(const CopyParams& params);

// count[0] += 1 by every thread of every block.
struct CountParams {
  int* count;
};
void count_threads(const CountParams& params, int blocks, int threads);

// order[i] = number of the i-th thread to run, one block.
struct OrderParams {
  int* next;
  int* order;
};
void running_order(const OrderParams& params, int threads);

// A launch with any geometry that does nothing.
void do_nothing(const uint32_t (&grid)[3], const uint32_t (&block)[3], uint64_t shared_bytes);

}  // namespace assay::testing
