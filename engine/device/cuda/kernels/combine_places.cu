#include "engine/device/cuda/kernels/combine_places.cuh"

namespace assay::engine::cuda {

void combine_places(Stream stream, const CombinePlacesParams& params) {
  if (params.rows == 0) return;
  constexpr int kPiece = kCombineThreads * kEight;
  const dim3 grid(static_cast<unsigned>(params.rows), static_cast<unsigned>((params.cols + kPiece - 1) / kPiece));
  launch(combine_places_kernel<kCombineThreads>, grid, dim3(kCombineThreads), 0, stream, params);
}

}  // namespace assay::engine::cuda
