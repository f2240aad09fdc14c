// The angle by which a position turns a pair of a head's elements.
#pragma once

namespace assay::engine {

// In radians. The product in f32, as transformers has it; its cosine and sine are then taken exactly.
inline float rotation_angle(int position, float frequency) {
  return static_cast<float>(position) * frequency;
}

}  // namespace assay::engine
