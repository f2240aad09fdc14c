// A dialogue as one text, where no chat template of a model writes it.
#pragma once

#include <string>
#include <vector>

#include "engine/request.h"

namespace assay::tasks {

enum class DialogueForm { kLlama3, kPlain };

// The Llama 3 format, in which protocol llama3_instruct is defined (PROTOCOLS.md §7): <|begin_of_text|> is part of the
// text. A last turn of the assistant is begun, and has no end; behind any other stands the header of the answer.
std::string llama3_text(const std::vector<engine::Turn>& turns);

// What lm-evaluation-harness 0.4.13 sends without a chat template (its Task.build_qa_turn): a question and its answer
// are parted by a space unless white space stands there already, and examples end in an empty line.
std::string plain_text(const std::vector<engine::Turn>& turns);

std::string dialogue_text(const std::vector<engine::Turn>& turns, DialogueForm form);

}  // namespace assay::tasks
