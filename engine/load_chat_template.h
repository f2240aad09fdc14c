// The chat template that a checkpoint brings along.
#pragma once

#include <optional>
#include <string>

#include "engine/chat/chat_template.h"
#include "engine/checkpoint/checkpoint.h"

namespace assay::engine {

// `model` opens the template's messages. Nothing where the checkpoint has none. Thread-safe.
std::optional<chat::ChatTemplate> load_chat_template(const Checkpoint& checkpoint, const std::string& model);

}  // namespace assay::engine
