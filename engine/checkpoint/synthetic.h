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

// `name` without the prefix: the shape of a published model (numbers of its config.json), such as llama3-8b or
// mixtral-8x22b, or a tiny network of the same family for trying out, such as llama-tiny. Error(kUsage) for another one
// names all.
SyntheticModel synthetic_model(const std::string& name);

// Independent values of mean 0 and variance 1 / columns, a pure function of weight, layer, expert and place; norms are
// all 1.
WeightMatrix synthetic_weight(const Architecture& architecture, Weight which, int layer, int expert);

int64_t synthetic_parameters(const Architecture& architecture);

}  // namespace assay::engine
