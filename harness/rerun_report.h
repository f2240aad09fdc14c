// What a person reads of samples that were computed again, and the same as JSON. `assay replay` and `assay verify`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/rerun.h"
#include "harness/rerun_engine.h"
#include "store/store.h"

namespace assay::harness {

// What is not as it was, a line a field. `went_on`: although the model is another.
std::string facts_text(const std::vector<FactDifference>& model, bool went_on,
                       const std::vector<FactDifference>& machine, const std::vector<FactDifference>& build);
store::Json facts_json(const std::vector<FactDifference>& model, const std::vector<FactDifference>& machine,
                       const std::vector<FactDifference>& build);

// "50 samples, 200 log-probabilities: all bits equal", or the counts of what differs and the first few with both
// values; with a tolerance, the sentence says so and on which kernels.
std::string result_text(const RerunResult& result, std::optional<double> tolerance, const std::string& kernels);
store::Json result_json(const RerunResult& result, std::optional<double> tolerance);

}  // namespace assay::harness
