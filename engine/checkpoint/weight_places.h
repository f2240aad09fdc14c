// Where files keep weights: a place is the name of a tensor and what lies in it.
#pragma once

#include <string>
#include <vector>

#include "engine/checkpoint/checkpoint.h"

namespace assay::engine {

struct Place {
  const char* name;             // "*" stands for the layer, "#" for the expert
  std::vector<Weight> stacked;  // on top of each other, row by row; mostly one
  bool all_experts = false;     // (experts, rows, cols): those of each expert, one after the other
};

// A tensor is taken by the first place whose weights the network has and whose shape it has: some names mean one thing
// in one family and another in the next. The embedding comes first and the head last.
const std::vector<Place>& safetensors_places();
const std::vector<Place>& gguf_places();

}  // namespace assay::engine
