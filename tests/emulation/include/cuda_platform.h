// What a kernel may use, as g++ compiles it for the emulation in tests/emulation. The native file of this name
// (engine/device/cuda/native) is the contract; this one offers the same names, and what is not here is not offered.
//
// An operation that waits for other threads takes the place of its call, to notice threads that wait at different ones.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <source_location>
#include <type_traits>

#include "engine/device/cuda/launch_error.h"
#include "tests/emulation/copies.h"
#include "tests/emulation/geometry.h"
#include "tests/emulation/machine.h"
#include "tests/emulation/numbers.h"
#include "tests/emulation/tensor_core.h"
#include "tests/emulation/vector_types.h"
#include "tests/emulation/warp.h"
#include "tests/emulation/watch.h"

#define ASSAY_UNROLL
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
// The tag is part of the mangled name: the tests find every kernel of a program by it.
#define __global__ __attribute__((abi_tag("kernel"), noinline))

struct CUstream_st;
using cudaStream_t = CUstream_st*;

// --- threads of a block and lanes of a warp

inline void __syncthreads(std::source_location where = std::source_location::current()) {
  assay::emulation::block_barrier(where);
}

inline void __syncwarp(unsigned mask = 0xFFFFFFFF, std::source_location where = std::source_location::current()) {
  assay::emulation::sync_warp(mask, where);
}

namespace assay::emulation {

// Any arithmetic type of 4 or 8 bytes, as CUDA's overloads take.
template <typename T>
T shuffle_value(unsigned mask, T value, int source, const std::source_location& where) {
  static_assert(std::is_arithmetic_v<T> && (sizeof(T) == 4 || sizeof(T) == 8));
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  return std::bit_cast<T>(static_cast<Bits>(shuffle(mask, std::bit_cast<Bits>(value), source, where)));
}

// The first lane of the group of `width` lanes that the calling lane is in.
inline int first_of_group(int width) {
  return current_lane() / width * width;
}

}  // namespace assay::emulation

// CUDA programming guide, "Warp shuffle functions".
template <typename T>
T __shfl_sync(unsigned mask, T value, int source, int width = 32,
              std::source_location where = std::source_location::current()) {
  const int in_group = static_cast<int>(static_cast<unsigned>(source) % static_cast<unsigned>(width));
  return assay::emulation::shuffle_value(mask, value, assay::emulation::first_of_group(width) + in_group, where);
}

template <typename T>
T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32,
                  std::source_location where = std::source_location::current()) {
  const int lane = assay::emulation::current_lane();
  const int source = lane ^ lanes;
  // A lane of a later group cannot be read: the lane's own value.
  const bool readable = source < assay::emulation::first_of_group(width) + width;
  return assay::emulation::shuffle_value(mask, value, readable ? source : lane, where);
}

template <typename T>
T __shfl_down_sync(unsigned mask, T value, unsigned lanes, int width = 32,
                   std::source_location where = std::source_location::current()) {
  const int lane = assay::emulation::current_lane();
  const int source = lane + static_cast<int>(lanes);
  const bool readable = source < assay::emulation::first_of_group(width) + width;
  return assay::emulation::shuffle_value(mask, value, readable ? source : lane, where);
}

inline int __any_sync(unsigned mask, int predicate, std::source_location where = std::source_location::current()) {
  return assay::emulation::vote(mask, predicate != 0, where) != 0 ? 1 : 0;
}
inline int __all_sync(unsigned mask, int predicate, std::source_location where = std::source_location::current()) {
  return assay::emulation::vote(mask, predicate != 0, where) == mask ? 1 : 0;
}
inline unsigned __ballot_sync(unsigned mask, int predicate,
                              std::source_location where = std::source_location::current()) {
  return assay::emulation::vote(mask, predicate != 0, where);
}

int atomicAdd(int* address, int value);

// CUDA offers these without a namespace.
template <typename T>
constexpr T min(T a, T b) {
  return b < a ? b : a;
}
template <typename T>
constexpr T max(T a, T b) {
  return a < b ? b : a;
}

namespace assay::engine::cuda {

using Stream = cudaStream_t;
using Bf16 = __nv_bfloat16;
using F16 = __half;

// --- numbers

inline float to_float(float x) {
  return x;
}
inline float to_float(Bf16 x) {
  return emulation::bf16_to_float(x.bits);
}
inline float to_float(F16 x) {
  return emulation::f16_to_float(x.bits);
}

template <typename T>
T from_float(float x);
template <>
inline float from_float<float>(float x) {
  return x;
}
template <>
inline Bf16 from_float<Bf16>(float x) {
  return {emulation::float_to_bf16(x)};
}
template <>
inline F16 from_float<F16>(float x) {
  return {emulation::float_to_f16(x)};
}

template <typename T>
uint32_t pack(float low, float high) {
  static_assert(sizeof(T) == 2);
  return uint32_t{from_float<T>(low).bits} | uint32_t{from_float<T>(high).bits} << 16;
}

inline float multiply_add(float a, float b, float c) {
  return std::fma(a, b, c);
}
inline float exponential(float x) {
  return std::exp(x);
}
inline float exponential2(float x) {
  return std::exp2(x);
}
inline float logarithm(float x) {
  return std::log(x);
}
inline float inverse_sqrt(float x) {
  return 1.0F / std::sqrt(x);
}
inline float hyperbolic_tangent(float x) {
  return std::tanh(x);
}

// --- shared memory

template <typename Struct>
Struct& shared_as() {
  return *static_cast<Struct*>(emulation::shared_memory(sizeof(Struct)));
}

inline void cp_async_16(void* to_shared, const void* from, bool valid = true) {
  emulation::copy_begin(to_shared, from, valid);
}
inline void cp_async_commit() {
  emulation::copy_commit();
}
template <int kPending>
void cp_async_wait() {
  emulation::copy_wait(kPending);
}

// --- tensor cores

inline void ldmatrix_x4(uint32_t (&registers)[4], const void* row,
                        std::source_location where = std::source_location::current()) {
  emulation::load_matrix_x4(registers, row, false, where);
}
inline void ldmatrix_x4_trans(uint32_t (&registers)[4], const void* row,
                              std::source_location where = std::source_location::current()) {
  emulation::load_matrix_x4(registers, row, true, where);
}

template <typename T>
void mma_m16n8k16(float (&d)[4], const uint32_t (&a)[4], const uint32_t (&b)[2],
                  std::source_location where = std::source_location::current()) {
  static_assert(std::is_same_v<T, Bf16> || std::is_same_v<T, F16>);
  constexpr auto kType = std::is_same_v<T, Bf16> ? emulation::HalfType::kBf16 : emulation::HalfType::kF16;
  emulation::matrix_product(kType, d, a, b, where);
}

// --- launches

// By value, as the device receives it. Not watched: the struct lies on the host.
template <typename Params>
__attribute__((no_sanitize("thread"))) void call_kernel(const void* kernel, const void* params) {
  reinterpret_cast<void (*)(Params)>(const_cast<void*>(kernel))(*static_cast<const Params*>(params));
}

template <typename Params>
void launch(void (*kernel)(Params), dim3 grid, dim3 block, size_t shared_bytes, Stream, const Params& params) {
  const auto run = [=] {
    emulation::run_grid({.kernel = reinterpret_cast<const void*>(kernel),
                         .grid = grid,
                         .block = block,
                         .shared_bytes = shared_bytes,
                         .params = &params,
                         .call = &call_kernel<Params>});
  };
  emulation::recording() == nullptr ? run() : emulation::recording()->push_back(run);
}

}  // namespace assay::engine::cuda
