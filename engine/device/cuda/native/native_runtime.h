// The CUDA runtime on a GPU.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/device/cuda/runtime.h"

namespace assay::engine::cuda {

// Names of the GPUs that the driver shows; none where there is no driver or it is too old, and then `why` says so in
// its words.
std::vector<std::string> gpu_names(std::string* why = nullptr);

// `ordinal`: below the number of those names. Error(kUnavailable): no such GPU, no driver, a driver older than the
// toolkit, a compute capability below 8.0, cuBLASLt not found.
std::unique_ptr<Runtime> open_gpu(int ordinal);

}  // namespace assay::engine::cuda
