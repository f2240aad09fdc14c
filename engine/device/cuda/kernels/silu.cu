#include "engine/device/cuda/kernels/dispatch.cuh"
#include "engine/device/cuda/kernels/silu.cuh"

namespace assay::engine::cuda {

void silu_and_multiply(Stream stream, Type type, const SiluParams& params) {
  if (params.rows == 0) return;
  constexpr int kPiece = kSiluThreads * kEight;
  const dim3 grid(static_cast<unsigned>(params.rows), static_cast<unsigned>((params.dim + kPiece - 1) / kPiece));
  with_type(type, [&](auto tag) {
    launch(silu_kernel<typename decltype(tag)::Element>, grid, dim3(kSiluThreads), 0, stream, params);
  });
}

}  // namespace assay::engine::cuda
