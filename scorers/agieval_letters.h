// kind = "agieval_letters": the letter in a generated answer, AGIEval's few-shot parse (PROTOCOLS.md §6, "Generation
// variant"). No keys. Score, metric and extraction are called acc; gold.text is the letter.
#pragma once

#include "scorers/rule.h"
#include "scorers/spec_reader.h"

namespace assay::scorers {

Rule agieval_letters_rule(SpecReader& spec);

}  // namespace assay::scorers
