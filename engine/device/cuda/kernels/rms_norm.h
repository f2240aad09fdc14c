// Root mean square normalisation. Zhang, Sennrich 2019, eq. 4. Sums are f32, in an order that the number of columns
// alone decides.
#pragma once

#include "engine/device/cuda/layout.h"

namespace assay::engine::cuda {

// out (rows, dim; T) = x (rows, dim) / sqrt(mean(x^2) + eps) * weight (dim), or out += that. out may be x where T is
// f32 and nothing is added.
struct RmsNormParams {
  const float* x = nullptr;
  const float* weight = nullptr;
  void* out = nullptr;
  int rows = 0;
  int dim = 0;
  float eps = 0;
  bool add = false;
};

void rms_norm(Stream stream, Type type, const RmsNormParams& params);

// The same in place for some columns of rows that are `stride` values apart: `blocks` blocks of `dim` columns, one
// after the other, each with a mean of its own and the same weights (dim). So the heads of queries and keys are normed.
struct RmsNormBlocksParams {
  float* x = nullptr;  // the first block of the first row
  const float* weight = nullptr;
  int64_t stride = 0;
  int rows = 0;
  int blocks = 0;
  int dim = 0;
  float eps = 0;
};

void rms_norm_blocks(Stream stream, const RmsNormBlocksParams& params);

}  // namespace assay::engine::cuda
