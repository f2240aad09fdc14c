// Root mean square normalisation. Zhang, Sennrich 2019, eq. 4.
#pragma once

#include "engine/device/cuda/layout.h"

namespace assay::engine::cuda {

// out (rows, dim; T) = x (rows, dim) / sqrt(mean(x^2) + eps) * (weight (dim) + weight_offset). The sum of a row is f32,
// in an order that `dim` alone decides. out may be x where T is f32.
struct RmsNormParams {
  const float* x = nullptr;
  const float* weight = nullptr;
  void* out = nullptr;
  int rows = 0;
  int dim = 0;
  float eps = 0;
  float weight_offset = 0;  // 1 for Gemma, which stores weights less 1
};

void rms_norm(Stream stream, Type type, const RmsNormParams& params);

}  // namespace assay::engine::cuda
