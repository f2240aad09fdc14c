// The kernel sets of the CPU: what each is called, which this machine runs, and which one an option selects.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/device/device.h"

namespace assay::engine {

// Worst first. Results of one set do not depend on the machine; results of two sets may differ in their last bits.
enum class KernelSet { kScalar, kAvx2, kAvx512, kAvx512Bf16, kAmx };

// scalar | avx2 | avx512 | avx512bf16 | amx
std::string_view kernel_set_name(KernelSet set);

// Sets that this machine can run, worst first; kScalar always.
std::vector<KernelSet> available_kernel_sets();

// What `auto` stands for: the highest set that this machine has, but not avx512bf16 where vdpbf16ps takes two cycles,
// in which two fused multiply-adds on widened weights do twice the work (docs/performance.md).
KernelSet fastest_set();

// `kernels`: auto or a set's name, the highest allowed. Returns the set whose kernels are used for `type`: f32 has no
// kernels above avx512. Errors as in make_cpu_device.
KernelSet choose_kernel_set(std::string_view kernels, DataType type);

// The instruction set that does what is not a matrix product: at most avx512.
KernelSet vector_set(KernelSet set);

}  // namespace assay::engine
