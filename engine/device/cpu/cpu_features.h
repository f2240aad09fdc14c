// What this processor can do and the operating system lets a process use. Thread-safe.
#pragma once

namespace assay::engine {

// Each flag stands for everything that the files compiled for that set need (cmake/room.cmake).
struct CpuFeatures {
  bool avx2 = false;        // AVX2, FMA, F16C
  bool avx512 = false;      // F, BW, VL, DQ, and avx2
  bool avx512bf16 = false;  // AVX512_BF16, and avx512
  bool slow_bf16 = false;   // Intel's AVX512_BF16 from Golden Cove on, which has AVX512_FP16 too: see fastest_set()
  bool amx = false;         // AMX-TILE and AMX-BF16, and avx512bf16; the kernel has granted the tile registers
};

// Asks the processor, and on the first call asks the kernel for AMX's registers on behalf of the whole process.
const CpuFeatures& cpu_features();

}  // namespace assay::engine
