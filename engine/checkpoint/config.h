// From what a folder's config.json says of its model to the one description that the forward pass reads.
//
// config.json is read in both styles of the field's library: rope_theta, rope_scaling, torch_dtype (transformers 4) and
// rope_parameters, dtype (transformers 5). A field that is missing, of the wrong type, not positive, contradicted by
// another, or that asks for arithmetic which is not supported is refused by name (kBadInput): a guess would give scores
// that are silently wrong.
#pragma once

#include <optional>
#include <vector>

#include "engine/checkpoint/json_fields.h"
#include "engine/model/architecture.h"
#include "engine/request.h"

namespace assay::engine {

Architecture read_config(const JsonFields& config);

// eos_token_id of config.json or generation_config.json, a number or a list; nothing where it is absent.
std::optional<std::vector<TokenId>> read_end_tokens(const JsonFields& config);

}  // namespace assay::engine
