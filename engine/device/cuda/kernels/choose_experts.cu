#include "engine/device/cuda/kernels/choose_experts.cuh"

namespace assay::engine::cuda {

void choose_experts(Stream stream, const ChooseExpertsParams& params) {
  if (params.rows == 0) return;
  launch(choose_experts_kernel<kChooseThreads>,
         dim3(static_cast<unsigned>((params.rows + kChooseThreads - 1) / kChooseThreads)), dim3(kChooseThreads), 0,
         stream, params);
}

}  // namespace assay::engine::cuda
