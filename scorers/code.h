// kind = "code": a program is judged by executing it, so the score is empty until somebody does. No keys. Score passed,
// metric pass@1; the extraction `completion` is the response's text, which the prompt goes before (PROTOCOLS.md §5).
#pragma once

#include "scorers/rule.h"
#include "scorers/spec_reader.h"

namespace assay::scorers {

Rule code_rule(SpecReader& spec);

}  // namespace assay::scorers
