// What a kernel may use, as nvcc compiles it. tests/emulation has a second file of this name that offers the same on
// the host; the include path decides, so no kernel has an #ifdef.
//
// A kernel is `template <...> __global__ void name(Params)` with one plain struct by value, in a .cuh file under
// engine/device/cuda/kernels, and may use: threadIdx, blockIdx, blockDim, gridDim; __syncthreads, __syncwarp,
// __shfl_sync, __shfl_xor_sync, __shfl_down_sync, __any_sync, __all_sync, __ballot_sync, atomicAdd (int);
// __launch_bounds__; the mathematics named below; and what this file declares. Shared memory is dynamic and is one
// struct per kernel, fetched by shared_as<Struct>(). PTX stands here and nowhere else.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "engine/device/cuda/launch_error.h"

#define ASSAY_UNROLL _Pragma("unroll")

namespace assay::engine::cuda {

using Stream = cudaStream_t;
using Bf16 = __nv_bfloat16;
using F16 = __half;

// --- numbers

__device__ inline float to_float(float x) {
  return x;
}
__device__ inline float to_float(Bf16 x) {
  return __bfloat162float(x);
}
__device__ inline float to_float(F16 x) {
  return __half2float(x);
}

// Rounded to nearest even.
template <typename T>
__device__ T from_float(float x);
template <>
__device__ inline float from_float<float>(float x) {
  return x;
}
template <>
__device__ inline Bf16 from_float<Bf16>(float x) {
  return __float2bfloat16_rn(x);
}
template <>
__device__ inline F16 from_float<F16>(float x) {
  return __float2half_rn(x);
}

// Two values of a 16-bit type in one register, `low` in the lower half.
template <typename T>
__device__ uint32_t pack(float low, float high);
template <>
__device__ inline uint32_t pack<Bf16>(float low, float high) {
  const __nv_bfloat162 both = __floats2bfloat162_rn(low, high);
  return *reinterpret_cast<const uint32_t*>(&both);
}
template <>
__device__ inline uint32_t pack<F16>(float low, float high) {
  const __half2 both = __floats2half2_rn(low, high);
  return *reinterpret_cast<const uint32_t*>(&both);
}

// a * b + c, rounded once.
__device__ inline float multiply_add(float a, float b, float c) {
  return __fmaf_rn(a, b, c);
}
// e^x and 2^x; natural logarithm; 1 / sqrt(x); tanh(x). Within a few units in the last place.
__device__ inline float exponential(float x) {
  return __expf(x);
}
__device__ inline float exponential2(float x) {
  return exp2f(x);
}
__device__ inline float logarithm(float x) {
  return logf(x);
}
__device__ inline float inverse_sqrt(float x) {
  return rsqrtf(x);
}
__device__ inline float hyperbolic_tangent(float x) {
  return tanhf(x);
}

// --- shared memory

template <typename Struct>
__device__ Struct& shared_as() {
  extern __shared__ __align__(16) unsigned char assay_shared_bytes[];
  return *reinterpret_cast<Struct*>(assay_shared_bytes);
}

// 16 bytes from global to shared memory, both aligned to 16; zeros where `valid` is false, and then `from` is not read.
// The target must not be touched between the call and the cp_async_wait that covers it.
__device__ inline void cp_async_16(void* to_shared, const void* from, bool valid = true) {
  const uint32_t to = static_cast<uint32_t>(__cvta_generic_to_shared(to_shared));
  const int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(to), "l"(from), "r"(bytes) : "memory");
}
__device__ inline void cp_async_commit() {
  asm volatile("cp.async.commit_group;\n" ::: "memory");
}
// Until at most kPending of this thread's latest groups are in flight.
template <int kPending>
__device__ void cp_async_wait() {
  asm volatile("cp.async.wait_group %0;\n" ::"n"(kPending) : "memory");
}

// --- tensor cores. PTX ISA, "Matrix fragments for mma.m16n8k16" and "ldmatrix"; the whole warp calls.

// Four 8x8 matrices of 16-bit elements: lane 8 m + r gives the address of row r (16 bytes, aligned) of matrix m. Lane
// 4 i + j receives in registers[m] the elements (i, 2 j) and (i, 2 j + 1), transposed: (2 j, i) and (2 j + 1, i).
__device__ inline void ldmatrix_x4(uint32_t (&registers)[4], const void* row) {
  const uint32_t from = static_cast<uint32_t>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];\n"
               : "=r"(registers[0]), "=r"(registers[1]), "=r"(registers[2]), "=r"(registers[3])
               : "r"(from)
               : "memory");
}
__device__ inline void ldmatrix_x4_trans(uint32_t (&registers)[4], const void* row) {
  const uint32_t from = static_cast<uint32_t>(__cvta_generic_to_shared(row));
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];\n"
               : "=r"(registers[0]), "=r"(registers[1]), "=r"(registers[2]), "=r"(registers[3])
               : "r"(from)
               : "memory");
}

// d (16, 8) += a (16, 16) * b (16, 8), f32 sums. With lane = 4 g + t: a[j] holds row g + 8 (j & 1), columns 2 t + 8 (j
// >> 1) and the next; b[j] holds rows 2 t + 8 j and the next of column g; d[i] is row g + 8 (i >> 1), column 2 t + (i &
// 1).
template <typename T>
__device__ void mma_m16n8k16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]);
template <>
__device__ inline void mma_m16n8k16<Bf16>(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, "
      "%3};\n"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}
template <>
__device__ inline void mma_m16n8k16<F16>(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2]) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, "
      "%3};\n"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

// --- launches

// The only place with <<<>>>. `shared_bytes` beyond 48 KB are asked for. Error(kUnavailable) where the launch is
// refused.
template <typename Params>
void launch(void (*kernel)(Params), dim3 grid, dim3 block, size_t shared_bytes, Stream stream, const Params& params) {
  if (shared_bytes > 48 * 1024) {
    check_launch(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                                      cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared_bytes)));
  }
  kernel<<<grid, block, shared_bytes, stream>>>(params);
  check_launch(cudaGetLastError());
}

}  // namespace assay::engine::cuda
