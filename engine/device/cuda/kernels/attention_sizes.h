// Which compiled size of the tiled kernels takes a launch.
#pragma once

#include <type_traits>

#include "engine/device/cuda/kernels/attention.h"
#include "engine/device/cuda/launch_error.h"

namespace assay::engine::cuda {

// Calls launch_size(std::integral_constant<int, kDim>) with the smallest compiled size that holds head_dim.
template <typename Launch>
void with_head_size(int head_dim, Launch launch_size) {
  if (head_dim <= 32) return launch_size(std::integral_constant<int, 32>());
  if (head_dim <= 64) return launch_size(std::integral_constant<int, 64>());
  if (head_dim <= 96) return launch_size(std::integral_constant<int, 96>());
  if (head_dim <= 128) return launch_size(std::integral_constant<int, 128>());
  return launch_size(std::integral_constant<int, 256>());
}

// Refuses what check_attention_shape (attention_plan.h) would have refused, as the runtime refuses a bad launch.
inline void check_attention_launch(const AttentionInputs& in, bool type_fits) {
  constexpr int kInvalidValue = 1;  // cudaErrorInvalidValue
  const bool good = type_fits && in.kv_heads > 0 && in.heads % in.kv_heads == 0 && in.head_dim > 0 &&
                    in.head_dim <= kMaxHeadDim && in.scale > 0;
  if (!good) check_launch(kInvalidValue);
}

}  // namespace assay::engine::cuda
