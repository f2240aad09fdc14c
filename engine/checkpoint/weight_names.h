// Which tensor of a file is which weight: one pattern table for both kinds of file, and the shapes that an architecture
// asks for.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/tensor.h"

namespace assay::engine {

inline constexpr size_t kWeightKinds = static_cast<size_t>(Weight::kHead) + 1;

enum class FileKind { kSafetensors, kGguf };

// Tensors of one layer by Weight; those that no layer owns (embedding, final norm, head) stand in layer 0.
using BoundLayer = std::array<Tensor, kWeightKinds>;
using BoundWeights = std::vector<BoundLayer>;

// Finds every weight of the architecture and checks its shape and type. Refused as well (kBadInput, each naming file
// and tensor): what is missing; tensors inside a layer and biases that the architecture has no use for, because a
// network that leaves them out gives other scores; a head that differs from the embedding it is said to be.
BoundWeights bind_weights(FileKind kind, const Tensors& tensors, const Architecture& architecture,
                          const std::filesystem::path& file);

}  // namespace assay::engine
