// The next token of each row of logits: greedy, or drawn from a nucleus. Holtzman et al. 2020, §3.1.
#pragma once

#include <cstdint>

#include "engine/device/cuda/layout.h"
#include "engine/request.h"

namespace assay::engine::cuda {

// How the token of one row is drawn, as the host prepares it.
struct DeviceDraw {
  double top_p = 1;
  double uniform = 0;     // in [0, 1): uniform_at of the request and the position
  float factor = 1;       // 1 / temperature
  int32_t is_greedy = 0;  // temperature 0, or one whose inverse is infinite
};

// out[r] = the token of row r of logits (rows, vocab; f32). Greedy: the first index of the maximum. Else token i weighs
// exp((logit - maximum) * factor); the nucleus is the smallest set of tokens, by weight descending and then by token,
// whose weights reach top_p of all; the token is where the sum of weights in that order passes uniform * nucleus. -1
// where the row has a NaN or no finite maximum. Sums of weights are f64.
struct SampleParams {
  const float* logits = nullptr;
  const DeviceDraw* draws = nullptr;  // (rows)
  float* weights = nullptr;           // (rows, vocab), for the kernel's own use: may be `logits`, which are then lost
  TokenId* out = nullptr;             // (rows)
  int rows = 0;
  int vocab = 0;
};

void sample(Stream stream, const SampleParams& params);

}  // namespace assay::engine::cuda
