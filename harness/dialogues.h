// Questions that are dialogues, written for a model by its own chat template (`--chat`).
#pragma once

#include <vector>

#include "harness/prepare.h"

namespace assay::harness {

// Whether the requests of a run are dialogues.
bool asks_dialogues(const PreparedRun& run);

// Puts into each request of a dialogue its pieces and its text as the template of `options.model` writes them, at the
// time `options.chat_time`. A server and a file of answers get the turns. What `--chat` does:
//   on    every generation is a dialogue, that of a base prompt one of a single message; Error(kUsage) for tasks of
//         likelihood;
//   auto  tasks that ask in dialogues do; Error(kUsage) where the model has no template;
//   off   dialogues become their plain text; Error(kUsage) for llama3_instruct, which is nothing else.
// `must_write` false: a model without a template leaves the turns as they are. Error(kBadInput) where the template
// refuses a dialogue.
void write_dialogues(std::vector<PreparedRun>& runs, const RunOptions& options, bool must_write);

}  // namespace assay::harness
