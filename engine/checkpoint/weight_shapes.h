// Which weights an architecture has, decided by its fields, and of what shape they are.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/checkpoint/checkpoint.h"

namespace assay::engine {

inline constexpr size_t kWeightKinds = static_cast<size_t>(Weight::kHead) + 1;

enum class Size { kOne, kVocab, kDim, kQueryRows, kKeyRows, kQueryNorm, kKeyNorm, kFfn, kExperts };

// What one of a weight belongs to. An owner without experts has one network in place of them.
enum class Owner { kModel, kLayer, kExpert };

struct WeightShape {
  Weight which;
  Size rows;  // kOne: a vector
  Size cols;
  Owner owner;
  bool is_norm;
};

// By Weight, in its order.
const std::vector<WeightShape>& weight_shapes();
const WeightShape& shape_of(Weight which);

bool has_weight(const Architecture& architecture, Weight which);

int64_t value_of(Size size, const Architecture& architecture);

// How many of `which` a layer (or the model, where it belongs to none) has: one for each expert, else 1.
int copies_of(const Architecture& architecture, Weight which);

}  // namespace assay::engine
