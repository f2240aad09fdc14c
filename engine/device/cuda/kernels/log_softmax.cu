#include "engine/device/cuda/kernels/log_softmax.cuh"

namespace assay::engine::cuda {

void log_softmax_and_gather(Stream stream, const LogSoftmaxParams& params) {
  if (params.rows == 0 || params.count == 0) return;
  launch(log_softmax_kernel<kLogSoftmaxThreads>, dim3(static_cast<unsigned>(params.rows)), dim3(kLogSoftmaxThreads),
         sizeof(LogSoftmaxShared), stream, params);
}

}  // namespace assay::engine::cuda
