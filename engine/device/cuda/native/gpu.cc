#include "engine/device/gpu.h"

#include "engine/device/cuda/cuda_device.h"
#include "engine/device/cuda/native/native_runtime.h"

namespace assay::engine {

GpuSupport gpu_support() {
  GpuSupport support{true, {}, ""};
  support.names = cuda::gpu_names(&support.why);
  return support;
}

std::unique_ptr<Device> make_gpu_device(int ordinal, DataType type, int host_threads) {
  return cuda::make_cuda_device(cuda::open_gpu(ordinal), type, host_threads);
}

}  // namespace assay::engine
