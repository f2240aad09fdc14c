#include "engine/device/cuda/kernels/attention_pieces.cuh"
#include "engine/device/cuda/kernels/attention_sizes.h"

namespace assay::engine::cuda {
namespace {

template <typename T>
void launch_pieces(Stream stream, const AttentionPiecesParams& params) {
  with_head_size(params.in.head_dim, [&](auto size) {
    constexpr int kDim = decltype(size)::value;
    launch(attention_pieces_kernel<T, kDim>, dim3(static_cast<unsigned>(params.item_count * params.in.kv_heads)),
           dim3(kTileThreads), sizeof(AttentionShared<T, kDim>), stream, params);
  });
}

}  // namespace

void attention_pieces(Stream stream, Type type, const AttentionPiecesParams& params) {
  check_attention_launch(params.in, type != Type::kF32);
  if (params.item_count == 0) return;
  type == Type::kBf16 ? launch_pieces<Bf16>(stream, params) : launch_pieces<F16>(stream, params);
}

}  // namespace assay::engine::cuda
