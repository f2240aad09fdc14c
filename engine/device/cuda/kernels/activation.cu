#include "engine/device/cuda/kernels/activation.cuh"
#include "engine/device/cuda/kernels/dispatch.cuh"

namespace assay::engine::cuda {

void activate_and_multiply(Stream stream, Type type, Activation activation, const ActivationParams& params) {
  if (params.rows == 0) return;
  constexpr int kPiece = kActivationThreads * kEight;
  const dim3 grid(static_cast<unsigned>(params.rows), static_cast<unsigned>((params.dim + kPiece - 1) / kPiece));
  const dim3 block(kActivationThreads);
  with_type(type, [&](auto tag) {
    using T = typename decltype(tag)::Element;
    switch (activation) {
      case Activation::kSilu:
        return launch(activation_kernel<T, Silu>, grid, block, 0, stream, params);
      case Activation::kGeluTanh:
        return launch(activation_kernel<T, GeluTanh>, grid, block, 0, stream, params);
    }
  });
}

}  // namespace assay::engine::cuda
