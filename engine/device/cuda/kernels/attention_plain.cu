#include "engine/device/cuda/kernels/attention_plain.cuh"
#include "engine/device/cuda/kernels/attention_sizes.h"

namespace assay::engine::cuda {

void attention_plain(Stream stream, const AttentionPlainParams& params) {
  check_attention_launch(params.in, true);
  const int64_t units = static_cast<int64_t>(params.row_count) * params.in.heads;
  if (units == 0) return;
  launch(attention_plain_kernel, dim3(static_cast<unsigned>((units + kPlainWarps - 1) / kPlainWarps)),
         dim3(kPlainWarps * kWarp), sizeof(PlainShared), stream, params);
}

}  // namespace assay::engine::cuda
