// The CPU as a device: own kernels, one file an instruction set, chosen at run time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/device/device.h"

namespace assay::engine {

// Kernel sets that this machine can run, worst first: scalar always, then avx2, avx512, avx512bf16, amx.
std::vector<std::string> cpu_kernel_sets();

// `kernels`: auto or the highest set allowed; f32 uses the best f32 kernels at or below it. A set that this machine
// cannot run: Error(kUnavailable); an unknown name: Error(kUsage). threads 0: as many as the process may use.
std::unique_ptr<Device> make_cpu_device(const std::string& kernels, DataType type, int threads);

}  // namespace assay::engine
