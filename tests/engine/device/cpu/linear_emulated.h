// The instructions of AVX-512, AVX512_BF16 and AMX in plain C++, so that the text of their kernels is tested on any
// machine. Semantics from the operation sections of Intel's Software Developer's Manual, volume 2.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

#include "engine/device/cpu/bf16.h"

// Not to be inlined: unrolled into every kernel, these would take minutes to compile.
#define ASSAY_NOINLINE __attribute__((noinline))

namespace assay::engine {

struct EmulatedVector {
  struct Vec {
    float lane[16];
  };
  struct Pairs {
    uint32_t lane[16];
  };
  static constexpr int kRegisters = 32;

  ASSAY_NOINLINE static Vec zero() { return {}; }
  ASSAY_NOINLINE static Vec load(const float* p) {
    Vec v;
    std::memcpy(v.lane, p, sizeof(v.lane));
    return v;
  }
  ASSAY_NOINLINE static void store(float* p, const Vec& v) { std::memcpy(p, v.lane, sizeof(v.lane)); }
  ASSAY_NOINLINE static Vec broadcast(const float* p) {
    Vec v;
    for (float& lane : v.lane) lane = *p;
    return v;
  }
  ASSAY_NOINLINE static Vec fma(const Vec& a, const Vec& b, Vec c) {
    for (int i = 0; i < 16; ++i) c.lane[i] = std::fma(a.lane[i], b.lane[i], c.lane[i]);
    return c;
  }
  ASSAY_NOINLINE static Pairs load_pairs(const std::byte* p) {
    Pairs v;
    std::memcpy(v.lane, p, sizeof(v.lane));
    return v;
  }
  ASSAY_NOINLINE static Vec even(const Pairs& v) {
    Vec result;
    for (int i = 0; i < 16; ++i) result.lane[i] = from_bf16(static_cast<uint16_t>(v.lane[i]));
    return result;
  }
  ASSAY_NOINLINE static Vec odd(const Pairs& v) {
    Vec result;
    for (int i = 0; i < 16; ++i) result.lane[i] = from_bf16(static_cast<uint16_t>(v.lane[i] >> 16));
    return result;
  }
  ASSAY_NOINLINE static Pairs broadcast_pair(const std::byte* p) {
    uint32_t pair = 0;
    std::memcpy(&pair, p, sizeof(pair));
    Pairs v;
    for (uint32_t& lane : v.lane) lane = pair;
    return v;
  }
  // VDPBF16PS: the odd elements first, each product fused into the sum; denormals are zero on both sides.
  ASSAY_NOINLINE static Vec dot(Vec sum, const Pairs& a, const Pairs& b) {
    for (int i = 0; i < 16; ++i) {
      sum.lane[i] = fma_flushed(odd_of(a.lane[i]), odd_of(b.lane[i]), sum.lane[i]);
      sum.lane[i] = fma_flushed(even_of(a.lane[i]), even_of(b.lane[i]), sum.lane[i]);
    }
    return sum;
  }

  static float even_of(uint32_t pair) { return from_bf16(static_cast<uint16_t>(pair)); }
  static float odd_of(uint32_t pair) { return from_bf16(static_cast<uint16_t>(pair >> 16)); }
  static float flushed(float v) {
    return std::fabs(v) < std::numeric_limits<float>::min() ? std::copysign(0.0f, v) : v;  // a NaN stays
  }
  static float fma_flushed(float a, float b, float c) { return flushed(std::fma(flushed(a), flushed(b), flushed(c))); }
};

struct EmulatedTiles {
  struct Tile {
    uint32_t word[16][16];
  };
  struct State {
    Tile tile[8];
    bool configured = false;
  };
  static State& state() {
    static thread_local State registers;
    return registers;
  }
  static Tile& tile(int n) {
    if (!state().configured) std::abort();  // as #UD would
    return state().tile[n];
  }

  static void configure() {
    state() = {};
    state().configured = true;
  }
  static void release() { state().configured = false; }

  template <int N>
  static void load(const void* from, size_t stride) {
    for (size_t row = 0; row < 16; ++row) {
      std::memcpy(tile(N).word[row], static_cast<const std::byte*>(from) + row * stride, 64);
    }
  }
  template <int N>
  static void store(void* to, size_t stride) {
    for (size_t row = 0; row < 16; ++row) {
      std::memcpy(static_cast<std::byte*>(to) + row * stride, tile(N).word[row], 64);
    }
  }
  template <int N>
  static void zero() {
    tile(N) = {};
  }
  // TDPBF16PS: two chains over the pairs, from zero, added to each other and then to the sum.
  template <int C, int A, int B>
  static void multiply() {
    using E = EmulatedVector;
    for (int m = 0; m < 16; ++m) {
      for (int n = 0; n < 16; ++n) {
        float even = 0;
        float odd = 0;
        for (int k = 0; k < 16; ++k) {
          const uint32_t a = tile(A).word[m][k];
          const uint32_t b = tile(B).word[k][n];
          even = E::fma_flushed(E::even_of(a), E::even_of(b), even);
          odd = E::fma_flushed(E::odd_of(a), E::odd_of(b), odd);
        }
        float sum = 0;
        std::memcpy(&sum, &tile(C).word[m][n], sizeof(sum));
        sum = E::flushed(E::flushed(sum) + E::flushed(even + odd));
        std::memcpy(&tile(C).word[m][n], &sum, sizeof(sum));
      }
    }
  }
};

}  // namespace assay::engine

#undef ASSAY_NOINLINE
