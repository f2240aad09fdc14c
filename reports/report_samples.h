// The samples of a report's runs for its HTML: in columns, so that 50,000 of them stay quick in a browser.
#pragma once

#include <string>

#include "reports/report.h"
#include "store/store.h"

namespace assay::reports {

struct SampleTextLimits {
  size_t samples = 6000;       // with their text, of all runs together
  size_t of_a_run = 500;       // at most
  size_t at_least = 40;        // of a run, however many runs there are
  size_t code_points = 4000;   // of an answer, and of a prompt's own part
  size_t head_points = 8000;   // of what prompts share at their beginning
  size_t option_points = 400;  // of an option of a question
};

// {"lists":[LIST],"runs":[RUN],"heads":[HEAD],"prompts":[PROMPT]}: the runs of the report and the baselines that they
// are compared with, each once. A column has one entry a sample, in plan order; an empty one is not known of any.
//   LIST  the samples that runs ask, shared by those that ask the same: "subsets", "subset" (place in it), "id",
//         "repeat", "golds", "gold" (place in golds), "right" (first right option, -1)
//   RUN   "run","list","hidden","share","lower_is_better","generated","texts",
//         "score" (the primary one; null: none),"flags","answer" (what was read out of it: place in texts),
//         "margin" (compared runs alone),"choice" (-1: none),"length" (tokens: generated ones, else of the prompt; -1),
//         "details" {"17":{"text","full","finish","outcome","wall_ms","error"} or {"options","right","logprobs"}},
//         each with "prompt", a place in prompts, where the store has it,
//         "note": what is left out of details, or null
//   HEAD, PROMPT   as SamplePrompts has them
//   flags 1 answered, 2 nothing could be read out of it, 4 its program timed out, 8 ended by the limit of length
// Details are of the samples that two runs score differently, then of wrong ones, then of the others, within `limits`.
// Where a run or its counterpart asks a hidden set there are ids and scores alone.
store::Json report_samples(const store::Store& store, const Report& report, const SampleTextLimits& limits = {});

}  // namespace assay::reports
