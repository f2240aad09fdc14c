// The oracle of the other sets: the sum as it is written.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/device/cpu/bf16.h"
#include "engine/device/cpu/linear_kernel.h"
#include "engine/device/cpu/linear_pack.h"

namespace assay::engine {
namespace {

float weight_f32(const Panels& w, int output, int k) {
  const std::byte* panel = w.data + static_cast<size_t>(output / kPanelOutputs) * w.stride;
  float value = 0;
  std::memcpy(&value, panel + sizeof(float) * static_cast<size_t>(k * kPanelOutputs + output % kPanelOutputs),
              sizeof(value));
  return value;
}

float weight_bf16(const Panels& w, int output, int k) {
  const std::byte* panel = w.data + static_cast<size_t>(output / kPanelOutputs) * w.stride;
  uint16_t value = 0;
  std::memcpy(&value,
              panel + sizeof(value) * static_cast<size_t>((k / 2 * kPanelOutputs + output % kPanelOutputs) * 2 + k % 2),
              sizeof(value));
  return from_bf16(value);
}

// Packed x is row by row: the block over K is the whole, and a block of rows one row.
constexpr int kAllOfK = 1 << 30;

template <float (*Weight)(const Panels&, int, int)>
void multiply(const Panels& w, const PackedRows& x, int first_row, int rows, int first, int last, float* out,
              bool add) {
  const auto* inputs = reinterpret_cast<const float*>(x.data);
  const int end = std::min(w.outputs, last * kPanelOutputs);
  for (int row = first_row; row < first_row + rows; ++row) {
    for (int output = first * kPanelOutputs; output < end; ++output) {
      float sum = 0;
      for (int k = 0; k < w.depth; ++k) {
        sum = std::fma(inputs[static_cast<size_t>(row) * static_cast<size_t>(w.depth) + static_cast<size_t>(k)],
                       Weight(w, output, k), sum);
      }
      float& to = out[static_cast<size_t>(row) * static_cast<size_t>(w.outputs) + static_cast<size_t>(output)];
      to = add ? to + sum : sum;
    }
  }
}

}  // namespace

const LinearKernel kLinearScalarF32 = {
    1, 1, kAllOfK, 1, sizeof(float), pack_interleaved<KeepF32>, multiply<weight_f32>};
const LinearKernel kLinearScalarBf16 = {
    1, 1, kAllOfK, 1, sizeof(float), pack_interleaved<RoundToBf16>, multiply<weight_bf16>};

}  // namespace assay::engine
