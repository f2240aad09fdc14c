// kind = "people": no program judges the response; people do, pair by pair (store/rating.h). No keys, no scores.
#pragma once

#include "scorers/rule.h"
#include "scorers/spec_reader.h"

namespace assay::scorers {

Rule people_rule(SpecReader& spec);

}  // namespace assay::scorers
