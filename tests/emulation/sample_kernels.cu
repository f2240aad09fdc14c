#include <cuda_platform.h>

#include "tests/emulation/sample_kernels.h"

namespace assay::testing {

using namespace engine::cuda;  // as kernels of the engine write

struct TileShared {
  alignas(16) uint16_t tile[32 * 72];
};

__global__ void load_matrix_kernel(LoadMatrixParams p) {
  auto& shared = shared_as<TileShared>();
  const int lane = static_cast<int>(threadIdx.x);
  for (int i = lane; i < 32 * p.row_elements; i += 32) shared.tile[i] = p.tile[i];
  __syncthreads();
  uint32_t registers[4];
  const uint16_t* row = &shared.tile[lane * p.row_elements];
  if (p.transposed) {
    ldmatrix_x4_trans(registers, row);
  } else {
    ldmatrix_x4(registers, row);
  }
  for (int i = 0; i < 4; ++i) p.registers[4 * lane + i] = registers[i];
}

void load_matrix(const LoadMatrixParams& params) {
  launch(load_matrix_kernel, 1, 32, sizeof(TileShared), nullptr, params);
}

template <typename T>
__global__ void product_kernel(ProductParams p) {
  const int lane = static_cast<int>(threadIdx.x);
  uint32_t a[4];
  uint32_t b[2];
  float d[4];
  for (int i = 0; i < 4; ++i) a[i] = p.a[4 * lane + i];
  for (int i = 0; i < 2; ++i) b[i] = p.b[2 * lane + i];
  for (int i = 0; i < 4; ++i) d[i] = p.d[4 * lane + i];
  mma_m16n8k16<T>(d, a, b);
  for (int i = 0; i < 4; ++i) p.d[4 * lane + i] = d[i];
}

void product_bf16(const ProductParams& params) {
  launch(product_kernel<Bf16>, 1, 32, 0, nullptr, params);
}
void product_f16(const ProductParams& params) {
  launch(product_kernel<F16>, 1, 32, 0, nullptr, params);
}

struct SumShared {
  float warps[8];
};

__global__ void __launch_bounds__(256) sum_kernel(SumParams p) {
  auto& shared = shared_as<SumShared>();
  float sum = p.x[blockIdx.x * 256 + threadIdx.x];
  for (int lanes = 16; lanes > 0; lanes /= 2) sum += __shfl_xor_sync(0xFFFFFFFF, sum, lanes);
  if (threadIdx.x % 32 == 0) shared.warps[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x != 0) return;
  float total = 0;
  for (const float warp : shared.warps) total += warp;
  p.out[blockIdx.x] = total;
}

void block_sum(const SumParams& params, int blocks) {
  launch(sum_kernel, static_cast<unsigned>(blocks), 256, sizeof(SumShared), nullptr, params);
}

__global__ void collectives_kernel(CollectiveParams p) {
  const int lanes = static_cast<int>(blockDim.x);
  const unsigned mask = lanes == 32 ? 0xFFFFFFFF : (1u << lanes) - 1;
  const int lane = static_cast<int>(threadIdx.x);
  uint32_t* out = p.out + lane;
  out[0 * lanes] = static_cast<uint32_t>(__shfl_sync(mask, lane, 5));
  out[1 * lanes] = static_cast<uint32_t>(__shfl_sync(mask, lane, lane + 1, 8));
  out[2 * lanes] = static_cast<uint32_t>(__shfl_xor_sync(mask, lane, 3));
  out[3 * lanes] = static_cast<uint32_t>(__shfl_down_sync(mask, static_cast<double>(lane), 4, 8));
  out[4 * lanes] = static_cast<uint32_t>(__any_sync(mask, lane % 2));
  out[5 * lanes] = static_cast<uint32_t>(__all_sync(mask, lane % 2));
  out[6 * lanes] = __ballot_sync(mask, lane % 2);
}

void collectives(const CollectiveParams& params, int lanes) {
  launch(collectives_kernel, 1, static_cast<unsigned>(lanes), 0, nullptr, params);
}

struct CopyShared {
  uint4 rows[16];
};

__global__ void copy_kernel(CopyParams p) {
  auto& shared = shared_as<CopyShared>();
  const int thread = static_cast<int>(threadIdx.x);
  cp_async_16(&shared.rows[thread], p.in + 4 * thread, thread < p.valid);
  cp_async_commit();
  cp_async_commit();  // an empty group behind it: one may stay in flight
  cp_async_wait<1>();
  __syncthreads();
  const int other = 15 - thread;
  reinterpret_cast<uint4*>(p.out)[other] = shared.rows[other];
  cp_async_wait<0>();
}

void copy_through_shared(const CopyParams& params) {
  launch(copy_kernel, 1, 16, sizeof(CopyShared), nullptr, params);
}

__global__ void count_kernel(CountParams p) {
  atomicAdd(p.count, 1);
}

void count_threads(const CountParams& params, int blocks, int threads) {
  launch(count_kernel, static_cast<unsigned>(blocks), static_cast<unsigned>(threads), 0, nullptr, params);
}

__global__ void order_kernel(OrderParams p) {
  p.order[atomicAdd(p.next, 1)] = static_cast<int>(threadIdx.x);
}

void running_order(const OrderParams& params, int threads) {
  launch(order_kernel, 1, static_cast<unsigned>(threads), 0, nullptr, params);
}

struct Nothing {};

__global__ void nothing_kernel(Nothing) {}

void do_nothing(const uint32_t (&grid)[3], const uint32_t (&block)[3], uint64_t shared_bytes) {
  launch(nothing_kernel, dim3(grid[0], grid[1], grid[2]), dim3(block[0], block[1], block[2]), shared_bytes, nullptr,
         Nothing{});
}

}  // namespace assay::testing
