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

void rms_norm_blocks(Stream stream, const RmsNormBlocksParams& params) {
  const int64_t units = int64_t{params.rows} * params.blocks;
  if (units == 0) return;
  launch(rms_norm_blocks_kernel<kRmsNormWarps>,
         dim3(static_cast<unsigned>((units + kRmsNormWarps - 1) / kRmsNormWarps)), dim3(kRmsNormWarps * 32), 0, stream,
         params);
}

}  // namespace assay::engine::cuda
