// The rotary positions that config.json asks for.
#pragma once

#include "engine/checkpoint/families.h"
#include "engine/checkpoint/json_fields.h"
#include "engine/model/architecture.h"

namespace assay::engine {

// From rope_theta and rope_scaling (transformers 4) or rope_parameters (transformers 5). Error(kBadInput) names the
// field: another kind of scaling, one that differs between layers, a part of each head that is not turned, fields that
// contradict each other.
Rope read_rope(const JsonFields& config, const Family& family);

}  // namespace assay::engine
