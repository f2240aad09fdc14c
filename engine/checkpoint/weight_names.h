// Which tensor of a file is which weight: one table of places for both kinds of file.
#pragma once

#include <array>
#include <filesystem>
#include <vector>

#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/tensor.h"
#include "engine/checkpoint/weight_shapes.h"

namespace assay::engine {

enum class FileKind { kSafetensors, kGguf };

// Tensors of one layer by Weight, one for each expert where there are experts, none of what the architecture has not;
// those that no layer owns (embedding, final norm, head) stand in layer 0. Each has the shape of its weight: of a
// tensor that holds several weights it is the part that belongs to this one.
using BoundLayer = std::array<std::vector<Tensor>, kWeightKinds>;
using BoundWeights = std::vector<BoundLayer>;

// Finds every weight of the architecture and checks its shape and type. Refused as well (kBadInput, each naming file
// and tensor): what is missing; tensors inside a layer and biases that the architecture has no use for, because a
// network that leaves them out gives other scores; a head that differs from the embedding it is said to be.
BoundWeights bind_weights(FileKind kind, const Tensors& tensors, const Architecture& architecture,
                          const std::filesystem::path& file);

}  // namespace assay::engine
