// The GPUs that this program can use. Two implementations: cuda/native/gpu.cc where it was built with CUDA, no_gpu.cc
// where it was not.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/device/device.h"

namespace assay::engine {

struct GpuSupport {
  bool built = false;              // into this program
  std::vector<std::string> names;  // of the GPUs that the driver shows
  std::string why;                 // there is none: in the driver's words
};
GpuSupport gpu_support();

// `ordinal`: from 0. Error(kUnavailable): built without CUDA, no such GPU, no driver or one older than the toolkit, a
// GPU too old, cuBLASLt not found.
std::unique_ptr<Device> make_gpu_device(int ordinal, DataType type, int host_threads);

}  // namespace assay::engine
