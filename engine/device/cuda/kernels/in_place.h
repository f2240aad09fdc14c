// What changes a matrix of f32 element by element, where it is: the biases of a product, the soft cap of logits.
#pragma once

#include "engine/device/cuda/layout.h"

namespace assay::engine::cuda {

// x (rows, cols) += bias (cols)
struct AddBiasParams {
  float* x = nullptr;
  const float* bias = nullptr;
  int rows = 0;
  int cols = 0;
};

void add_bias(Stream stream, const AddBiasParams& params);

// x (rows, cols) = cap * tanh(x / cap), cap positive. Gemma 2 report, section 2.
struct SoftCapParams {
  float* x = nullptr;
  int rows = 0;
  int cols = 0;
  float cap = 0;
};

void soft_cap(Stream stream, const SoftCapParams& params);

}  // namespace assay::engine::cuda
