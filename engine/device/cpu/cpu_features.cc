#include "engine/device/cpu/cpu_features.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

#include <cstdint>

namespace assay::engine {
namespace {

#if defined(__x86_64__)

struct Registers {
  uint32_t a = 0, b = 0, c = 0, d = 0;
};

// All zero for a leaf that the processor does not have.
Registers cpuid(uint32_t leaf, uint32_t subleaf) {
  Registers r;
  __get_cpuid_count(leaf, subleaf, &r.a, &r.b, &r.c, &r.d);
  return r;
}

bool bit(uint32_t word, int index) {
  return (word >> index & 1) != 0;
}

// XCR0: which register files the operating system saves.
uint64_t saved_state() {
  uint32_t low = 0;
  uint32_t high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return uint64_t{high} << 32 | low;
}

bool has_state(uint64_t saved, uint64_t mask) {
  return (saved & mask) == mask;
}

// Linux grants the 8 KiB of tile registers only to processes that ask (Documentation/arch/x86/xstate.rst).
bool request_tiles() {
  constexpr long kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
}

// Bits from Intel's Software Developer's Manual, volume 2A, table of CPUID.
CpuFeatures detect() {
  CpuFeatures features;
  const Registers basic = cpuid(1, 0);
  const bool fma = bit(basic.c, 12);
  const bool osxsave = bit(basic.c, 27);
  const bool avx = bit(basic.c, 28);
  const bool f16c = bit(basic.c, 29);
  if (!osxsave || !avx) {
    return features;
  }
  constexpr uint64_t kYmm = 0x6;        // SSE and upper halves of YMM
  constexpr uint64_t kZmm = 0xe6;       // and mask registers, upper halves of ZMM, ZMM16-31
  constexpr uint64_t kTiles = 0x60000;  // TILECFG and TILEDATA
  const uint64_t saved = saved_state();
  const Registers more = cpuid(7, 0);
  const Registers most = cpuid(7, 1);
  features.avx2 = has_state(saved, kYmm) && fma && f16c && bit(more.b, 5);
  features.avx512 = features.avx2 && has_state(saved, kZmm) && bit(more.b, 16) && bit(more.b, 17) && bit(more.b, 30) &&
                    bit(more.b, 31);
  features.avx512bf16 = features.avx512 && bit(most.a, 5);
  const Registers vendor = cpuid(0, 0);
  const bool intel = vendor.b == 0x756e6547 && vendor.d == 0x49656e69 && vendor.c == 0x6c65746e;  // GenuineIntel
  features.slow_bf16 = features.avx512bf16 && intel && bit(more.d, 23);
  features.amx =
      features.avx512bf16 && has_state(saved, kTiles) && bit(more.d, 22) && bit(more.d, 24) && request_tiles();
  return features;
}

#else

CpuFeatures detect() {
  return {};
}

#endif

}  // namespace

const CpuFeatures& cpu_features() {
  static const CpuFeatures features = detect();
  return features;
}

}  // namespace assay::engine
