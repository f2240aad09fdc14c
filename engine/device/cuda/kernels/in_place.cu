#include "engine/device/cuda/kernels/in_place.cuh"

namespace assay::engine::cuda {
namespace {

dim3 grid_of(int rows, int cols) {
  constexpr int kPiece = kInPlaceThreads * kEight;
  return {static_cast<unsigned>(rows), static_cast<unsigned>((cols + kPiece - 1) / kPiece), 1};
}

}  // namespace

void add_bias(Stream stream, const AddBiasParams& params) {
  if (params.rows == 0) return;
  launch(add_bias_kernel<kInPlaceThreads>, grid_of(params.rows, params.cols), dim3(kInPlaceThreads), 0, stream, params);
}

void soft_cap(Stream stream, const SoftCapParams& params) {
  if (params.rows == 0) return;
  launch(soft_cap_kernel<kInPlaceThreads>, grid_of(params.rows, params.cols), dim3(kInPlaceThreads), 0, stream, params);
}

}  // namespace assay::engine::cuda
