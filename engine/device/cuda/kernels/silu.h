// SwiGLU's activation. Shazeer 2020, eq. 5.
#pragma once

#include "engine/device/cuda/layout.h"

namespace assay::engine::cuda {

// out (rows, dim; T) = silu(gate) * up with gate_up (rows, 2 * dim; f32), gate first; silu(g) = g / (1 + exp(-g)).
struct SiluParams {
  const float* gate_up = nullptr;
  void* out = nullptr;
  int rows = 0;
  int dim = 0;
};

void silu_and_multiply(Stream stream, Type type, const SiluParams& params);

}  // namespace assay::engine::cuda
