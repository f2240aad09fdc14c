// Models that nobody has to download: the shape of a published model with random weights, to measure a machine with and
// to plan with. What they answer means nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/checkpoint/checkpoint.h"

namespace assay::engine {

inline constexpr std::string_view kSyntheticPrefix = "synthetic:";

struct SyntheticModel {
  Architecture architecture;
  GgufVocabulary vocabulary;
};

// `name` without the prefix: llama3-8b, llama3-70b (config.json of Meta-Llama-3), or llama-tiny for trying out.
// Error(kUsage) for another one names these.
SyntheticModel synthetic_model(const std::string& name);

// Independent values of mean 0 and variance 1 / columns, a pure function of weight, layer and place; norms are all 1.
WeightMatrix synthetic_weight(const Architecture& architecture, Weight which, int layer);

int64_t synthetic_parameters(const Architecture& architecture);

}  // namespace assay::engine
