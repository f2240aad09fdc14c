// What a person wants to see of one answer: its text, or the options of a question with their log-probabilities.
#pragma once

#include "store/store.h"

namespace assay::reports {

// Needs a response. {"text","full" (code points, where it is cut),"finish","outcome","wall_ms" (of its
// program),"error"} or {"options","right","logprobs"}; {} for a text of perplexity. What is not known is left out.
store::Json sample_details(const store::StoredSample& sample, size_t text_points, size_t option_points);

}  // namespace assay::reports
