#include "engine/device/cuda/kernels/sample.cuh"

namespace assay::engine::cuda {

void sample(Stream stream, const SampleParams& params) {
  if (params.rows == 0) return;
  launch(sample_kernel<kSampleThreads>, dim3(static_cast<unsigned>(params.rows)), dim3(kSampleThreads),
         sizeof(SampleShared), stream, params);
}

}  // namespace assay::engine::cuda
