#include "engine/device/cuda/kernels/merge_pieces.cuh"
#include "engine/device/cuda/launch_error.h"

namespace assay::engine::cuda {

void merge_pieces(Stream stream, Type type, const MergePiecesParams& params) {
  constexpr int kInvalidValue = 1;  // cudaErrorInvalidValue
  if (type == Type::kF32 || params.head_dim > kMaxHeadDim) check_launch(kInvalidValue);
  const int64_t units = static_cast<int64_t>(params.row_count) * params.heads;
  if (units == 0) return;
  const dim3 grid(static_cast<unsigned>((units + kMergeWarps - 1) / kMergeWarps));
  const dim3 block(kMergeWarps * kWarp);
  type == Type::kBf16 ? launch(merge_pieces_kernel<Bf16>, grid, block, 0, stream, params)
                      : launch(merge_pieces_kernel<F16>, grid, block, 0, stream, params);
}

}  // namespace assay::engine::cuda
