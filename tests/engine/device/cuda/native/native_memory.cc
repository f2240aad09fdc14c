#include <cuda_runtime_api.h>

#include "engine/device/cuda/launch_error.h"
#include "engine/device/cuda/native/native_runtime.h"
#include "tests/engine/device/cuda/device_buffer.h"
#include "tests/engine/device/cuda/model/test_runtime.h"

namespace assay::testing {

using engine::cuda::check_launch;

void* device_allocate(size_t bytes) {
  void* memory = nullptr;
  check_launch(cudaMalloc(&memory, bytes == 0 ? 1 : bytes));
  check_launch(cudaMemset(memory, 0xFF, bytes));
  return memory;
}
void device_free(void* memory) {
  cudaFree(memory);
}
void device_upload(void* to, const void* from, size_t bytes) {
  check_launch(cudaMemcpy(to, from, bytes, cudaMemcpyHostToDevice));
}
void device_download(void* to, const void* from, size_t bytes) {
  check_launch(cudaMemcpy(to, from, bytes, cudaMemcpyDeviceToHost));
}

std::unique_ptr<engine::cuda::Runtime> test_runtime() {
  return engine::cuda::open_gpu(0);
}

}  // namespace assay::testing
