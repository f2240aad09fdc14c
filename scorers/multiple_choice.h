// kind = "multiple_choice": which option has the largest log-probability (PROTOCOLS.md §1.1).
// Keys: metrics = a list out of acc, acc_norm, acc_bytes (default: acc).
#pragma once

#include <string>
#include <vector>

#include "scorers/rule.h"
#include "scorers/spec_reader.h"

namespace assay::scorers {

// Index of the largest value, the first of equal ones. `values` is not empty and has no NaN.
int first_maximum(const std::vector<double>& values);

Rule multiple_choice_rule(SpecReader& spec);

}  // namespace assay::scorers
