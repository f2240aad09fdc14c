// What a feed-forward network makes of its gate (engine/device/activation.h). Shazeer 2020, eq. 5 (SwiGLU, GEGLU).
#pragma once

#include "engine/device/activation.h"
#include "engine/device/cuda/layout.h"

namespace assay::engine::cuda {

// out (rows, dim; T) = activation(gate) * up with gate_up (rows, 2 * dim; f32), gate first.
struct ActivationParams {
  const float* gate_up = nullptr;
  void* out = nullptr;
  int rows = 0;
  int dim = 0;
};

void activate_and_multiply(Stream stream, Type type, Activation activation, const ActivationParams& params);

}  // namespace assay::engine::cuda
