// Which experts of a mixture a row is sent to. Jiang et al. 2024, "Mixtral of Experts", section 2.1.
#pragma once

#include <cstdint>

#include "engine/device/cuda/layout.h"

namespace assay::engine::cuda {

// Of each row of logits (rows, experts) the `choices` largest, best first, the lower expert of equal ones, and the
// softmax of those alone. A row with a NaN chooses experts 0, 1, ... with NaN as weights.
struct ChooseExpertsParams {
  const float* logits = nullptr;
  int32_t* chosen = nullptr;  // (rows, choices)
  float* weights = nullptr;   // (rows, choices)
  int rows = 0;
  int experts = 0;
  int choices = 0;  // 1 .. experts
};

void choose_experts(Stream stream, const ChooseExpertsParams& params);

}  // namespace assay::engine::cuda
