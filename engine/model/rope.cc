#include "engine/model/rope.h"

#include <cmath>
#include <numbers>

namespace assay::engine {
namespace {

double scale_frequency(double frequency, const Llama3RopeScaling& scaling) {
  const double wavelength = 2 * std::numbers::pi / frequency;
  if (wavelength < scaling.original_context / scaling.high_freq_factor) return frequency;
  if (wavelength > scaling.original_context / scaling.low_freq_factor) return frequency / scaling.factor;
  const double smooth = (scaling.original_context / wavelength - scaling.low_freq_factor) /
                        (scaling.high_freq_factor - scaling.low_freq_factor);
  return (1 - smooth) * frequency / scaling.factor + smooth * frequency;
}

}  // namespace

std::vector<double> rope_frequencies(const Rope& rope, int head_dim) {
  std::vector<double> frequencies(static_cast<size_t>(head_dim / 2));
  for (size_t i = 0; i < frequencies.size(); ++i) {
    frequencies[i] = std::pow(rope.theta, -2.0 * static_cast<double>(i) / head_dim);
    if (rope.llama3) frequencies[i] = scale_frequency(frequencies[i], *rope.llama3);
    if (!rope.frequency_divisors.empty()) frequencies[i] /= rope.frequency_divisors[i];
  }
  return frequencies;
}

}  // namespace assay::engine
