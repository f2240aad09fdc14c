// How long a plan takes on this machine, from a trial of a second or so.
#pragma once

#include "engine/engine.h"

namespace assay::harness {

struct Speed {
  double prompt_tokens_per_second = 0;
  double generated_tokens_per_second = 0;  // 0 where it was not measured
};

// Prompt tokens by one long context, generated ones by several generations at once, because that is how a run does
// both.
Speed measure_speed(engine::Engine& engine, bool generates);

double estimated_seconds(const Speed& speed, const engine::Plan& plan);

}  // namespace assay::harness
