#include "engine/device/cuda/kernels/dispatch.cuh"
#include "engine/device/cuda/kernels/rms_norm.cuh"

namespace assay::engine::cuda {

void rms_norm(Stream stream, Type type, const RmsNormParams& params) {
  if (params.rows == 0) return;
  with_type(type, [&](auto tag) {
    launch(rms_norm_kernel<typename decltype(tag)::Element>, dim3(static_cast<unsigned>(params.rows)),
           dim3(kRmsNormThreads), sizeof(RmsNormShared), stream, params);
  });
}

}  // namespace assay::engine::cuda
