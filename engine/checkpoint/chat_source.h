// Finds the chat template among the files of a checkpoint. What it means is engine/chat's business.
#pragma once

#include <filesystem>
#include <optional>

#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/gguf.h"

namespace assay::engine {

// The first of: chat_template.jinja in the folder; chat_template of its tokenizer_config.json (a text, or a list of
// named ones, of which the default counts); tokenizer.chat_template of the GGUF (null: there is none). Tokens are those
// of tokenizer_config.json, then those of `vocabulary` (null: there is none). Nothing where there is no template.
// Error(kBadInput) names file and field.
std::optional<ChatSource> read_chat_source(const std::filesystem::path& folder, const GgufFile* gguf,
                                           const GgufVocabulary* vocabulary);

}  // namespace assay::engine
