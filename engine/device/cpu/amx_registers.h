// Tile registers as templates. Inline assembly, because gcc 12's own intrinsics paste register numbers as text, and its
// _tile_loadconfig tells the compiler of 8 of the 64 bytes that it reads, so that the stores to the others may be
// dropped.
#pragma once

#include <cstddef>
#include <cstdint>

namespace assay::engine {
namespace {

struct AmxRegisters {
  // All eight registers with 16 rows of 64 bytes. Intel SDM, volume 1, table 18-7 (palette 1).
  static inline void configure() {
    struct alignas(64) Configuration {
      uint8_t palette = 1;
      uint8_t start_row = 0;
      uint8_t reserved[14] = {};
      uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
      uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
    } configuration;
    static_assert(sizeof(configuration) == 64);
    __asm__ volatile("ldtilecfg %0" ::"m"(configuration));
  }
  // Back to the initial state: the kernel need not save 8 KiB at each switch.
  static inline void release() { __asm__ volatile("tilerelease"); }

  template <int N>
  static inline void load(const void* from, size_t stride) {
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm%c2" ::"r"(from), "r"(stride), "i"(N) : "memory");
  }
  template <int N>
  static inline void store(void* to, size_t stride) {
    __asm__ volatile("tilestored %%tmm%c2, (%0,%1,1)" ::"r"(to), "r"(stride), "i"(N) : "memory");
  }
  template <int N>
  static inline void zero() {
    __asm__ volatile("tilezero %%tmm%c0" ::"i"(N));
  }
  template <int C, int A, int B>
  static inline void multiply() {
    __asm__ volatile("tdpbf16ps %%tmm%c2, %%tmm%c1, %%tmm%c0" ::"i"(C), "i"(A), "i"(B));
  }
};

}  // namespace
}  // namespace assay::engine
