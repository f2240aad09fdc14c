// The CUDA runtime on a GPU.
#pragma once

#include <memory>

#include "engine/device/cuda/runtime.h"

namespace assay::engine::cuda {

// GPUs that the driver shows; 0 where there is no driver or it is too old, and then `why` says so in its words.
int gpu_count(std::string* why = nullptr);

// `ordinal`: 0 .. gpu_count() - 1. Error(kUnavailable): no such GPU, no driver, a driver older than the toolkit, a
// compute capability below 8.0, cuBLASLt not found.
std::unique_ptr<Runtime> open_gpu(int ordinal);

}  // namespace assay::engine::cuda
