#include "engine/model/rope.h"

#include <cmath>
#include <numbers>

namespace assay::engine {
namespace {

float scale_frequency(float frequency, const Llama3RopeScaling& scaling) {
  const auto factor = static_cast<float>(scaling.factor);
  const auto low = static_cast<float>(scaling.low_freq_factor);
  const auto high = static_cast<float>(scaling.high_freq_factor);
  const auto original = static_cast<float>(scaling.original_context);
  const float wavelength = static_cast<float>(2 * std::numbers::pi) / frequency;
  if (wavelength < original / high) return frequency;
  if (wavelength > original / low) return frequency / factor;
  const float smooth = (original / wavelength - low) / (high - low);
  return (1 - smooth) * frequency / factor + smooth * frequency;
}

}  // namespace

std::vector<float> rope_frequencies(const Rope& rope, int head_dim) {
  std::vector<float> frequencies(static_cast<size_t>(head_dim / 2));
  for (size_t i = 0; i < frequencies.size(); ++i) {
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(head_dim);
    frequencies[i] = 1 / static_cast<float>(std::pow(rope.theta, static_cast<double>(exponent)));
    if (rope.llama3) frequencies[i] = scale_frequency(frequencies[i], *rope.llama3);
    if (!rope.frequency_divisors.empty()) frequencies[i] /= rope.frequency_divisors[i];
  }
  return frequencies;
}

}  // namespace assay::engine
