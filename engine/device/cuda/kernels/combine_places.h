// What the experts of a mixture gave, back to the rows that chose them. Jiang et al. 2024, "Mixtral of Experts",
// section 2.1.
#pragma once

#include <cstdint>

#include "engine/device/cuda/layout.h"

namespace assay::engine::cuda {

// out (rows, cols) += sum over c of weights[row][c] * x[places[row][c]], in the order of c; the sum is made first, then
// added once. x (places, cols). Places are not checked.
struct CombinePlacesParams {
  const float* x = nullptr;
  const int32_t* places = nullptr;  // (rows, choices)
  const float* weights = nullptr;   // (rows, choices)
  float* out = nullptr;
  int rows = 0;
  int cols = 0;
  int choices = 0;
};

void combine_places(Stream stream, const CombinePlacesParams& params);

}  // namespace assay::engine::cuda
