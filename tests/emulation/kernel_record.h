// Which kernels this program contains, and which of them have been launched.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/emulation/machine.h"

namespace assay::emulation {

struct KernelRecord {
  uint64_t launches = 0;  // that ended well
  uint64_t blocks = 0;
  size_t most_shared_bytes = 0;
  uint64_t row_groups = 0;  // 8 rows that ldmatrix reads together
  uint64_t conflicts = 0;   // times that such a group had to wait for a bank, beyond the first
};

void record_launch(const GridLaunch& launch, uint64_t row_groups, uint64_t conflicts);
// Zeros for a kernel that was never launched. Thread-safe.
KernelRecord record_of(const void* kernel);

struct KernelSymbol {
  const void* address = nullptr;
  std::string mangled;  // as nvcc mangles it
  std::string name;     // "void assay::engine::cuda::name<float>(Params)"
};

// Every kernel of this program, by name: the functions that carry the mark of __global__ (cuda_platform.h), from the
// symbol table of the running file. Empty where that was stripped.
const std::vector<KernelSymbol>& kernels_of_this_program();
// Its name; its address in hexadecimal digits where the table does not know it.
std::string kernel_name(const void* kernel);

}  // namespace assay::emulation
