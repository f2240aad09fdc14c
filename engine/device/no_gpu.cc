#include "base/error.h"
#include "engine/device/gpu.h"

namespace assay::engine {

GpuSupport gpu_support() {
  return {false, {}, "this program is built without CUDA"};
}

std::unique_ptr<Device> make_gpu_device(int ordinal, DataType, int) {
  fail(ExitCode::kUnavailable, "--device cuda:{}: this program is built without CUDA; use --device cpu", ordinal);
}

}  // namespace assay::engine
