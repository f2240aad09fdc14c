// The oracle of the other sets: the sum as it is written.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/device/cpu/bf16.h"
#include "engine/device/cpu/linear_kernel.h"
#include "engine/device/cpu/linear_pack.h"

namespace assay::engine {
namespace {

// Line of 64 bytes that holds input k of the output.
const std::byte* line_of(const Panels& w, int output, int k, int inputs_a_line) {
  const int panel = output / kPanelOutputs;
  return w.data + static_cast<size_t>(panel / w.together) * w.stride +
         static_cast<size_t>(k / inputs_a_line * w.together + panel % w.together) * kLineBytes;
}

float weight_f32(const Panels& w, int output, int k) {
  float value = 0;
  std::memcpy(&value, line_of(w, output, k, 1) + output % kPanelOutputs * sizeof(value), sizeof(value));
  return value;
}

float weight_bf16(const Panels& w, int output, int k) {
  uint16_t value = 0;
  std::memcpy(&value, line_of(w, output, k, 2) + (output % kPanelOutputs * 2 + k % 2) * sizeof(value), sizeof(value));
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
