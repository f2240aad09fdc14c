#include "engine/device/cuda/kernels/attention_prompt.cuh"
#include "engine/device/cuda/kernels/attention_sizes.h"

namespace assay::engine::cuda {
namespace {

template <typename T>
void launch_prompt(Stream stream, const AttentionPromptParams& params) {
  with_head_size(params.in.head_dim, [&](auto size) {
    constexpr int kDim = decltype(size)::value;
    launch(attention_prompt_kernel<T, kDim>, dim3(static_cast<unsigned>(params.tile_count * params.in.kv_heads)),
           dim3(kTileThreads), sizeof(AttentionShared<T, kDim>), stream, params);
  });
}

}  // namespace

void attention_prompt(Stream stream, Type type, const AttentionPromptParams& params) {
  check_attention_launch(params.in, type != Type::kF32);
  if (params.tile_count == 0) return;
  type == Type::kBf16 ? launch_prompt<Bf16>(stream, params) : launch_prompt<F16>(stream, params);
}

}  // namespace assay::engine::cuda
