// Types whose values are floating-point numbers, one by one.
#include <cstring>

#include "engine/checkpoint/dequantise.h"
#include "engine/checkpoint/half.h"

namespace assay::engine {

void dequantise_f32(const uint8_t* blocks, int64_t values, float* out) {
  std::memcpy(out, blocks, static_cast<size_t>(values) * sizeof(float));
}

void dequantise_f16(const uint8_t* blocks, int64_t values, float* out) {
  for (int64_t i = 0; i < values; ++i) out[i] = load_f16(blocks + 2 * i);
}

void dequantise_bf16(const uint8_t* blocks, int64_t values, float* out) {
  for (int64_t i = 0; i < values; ++i) out[i] = bf16_to_f32(load_u16(blocks + 2 * i));
}

}  // namespace assay::engine
