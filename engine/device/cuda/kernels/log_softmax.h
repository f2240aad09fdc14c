// Log-probabilities of asked tokens.
#pragma once

#include "engine/device/cuda/layout.h"
#include "engine/device/device.h"

namespace assay::engine::cuda {

// out[i] for targets[i] from logits (rows, vocab; f32), as Device::log_softmax_and_gather defines it; a row with a NaN
// or without any finite logit gives a NaN, not the argmax, and 0 as the best. The sum over a row has an order that
// `vocab` alone decides; log-probabilities are right to 1e-6 for vocabularies up to 256,000.
struct LogSoftmaxParams {
  const float* logits = nullptr;
  const Target* targets = nullptr;  // (count), sorted by row; not checked: rows and tokens lie within the logits
  LogProbability* out = nullptr;    // (count)
  int rows = 0;
  int vocab = 0;
  int count = 0;
};

void log_softmax_and_gather(Stream stream, const LogSoftmaxParams& params);

}  // namespace assay::engine::cuda
