// kind = "gsm8k_llama3": the number that a GSM8K solution ends in, as protocol llama3 reads it (PROTOCOLS.md §4). No
// keys. Score, filter and extraction are called llama3, the metric exact_match.
#pragma once

#include <string>
#include <string_view>

#include "scorers/rule.h"
#include "scorers/spec_reader.h"

namespace assay::scorers {

Rule gsm8k_llama3_rule(SpecReader& spec);

}  // namespace assay::scorers
