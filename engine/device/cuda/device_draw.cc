#include "engine/device/cuda/device_draw.h"

#include <cmath>

#include "base/random.h"

namespace assay::engine::cuda {

DeviceDraw device_draw(const Device::Draw& draw) {
  const Sampling& sampling = draw.sampling;
  DeviceDraw result;
  result.factor = static_cast<float>(1 / sampling.temperature);
  // A temperature so small that its inverse is infinite is greedy decoding too.
  result.is_greedy = sampling.temperature > 0 && std::isfinite(result.factor) ? 0 : 1;
  result.top_p = sampling.top_p;
  result.uniform = uniform_at(sampling.seed, sampling.sample_key, sampling.repeat, draw.position);
  return result;
}

}  // namespace assay::engine::cuda
