// kind = "agieval_math": AGIEval's math under lm_eval, the parsed response against the parsed gold (PROTOCOLS.md §6).
// No keys. Score, metric and extraction are called acc, as in its group; a response without an answer has no
// extraction.
#pragma once

#include "scorers/rule.h"
#include "scorers/spec_reader.h"

namespace assay::scorers {

Rule agieval_math_rule(SpecReader& spec);

}  // namespace assay::scorers
