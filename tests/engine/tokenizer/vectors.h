// The reference vectors of shared/models: texts and what the Hugging Face library makes of them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/request.h"
#include "engine/tokenizer/tokenizer.h"

namespace assay::engine::testing {

struct Vector {
  std::string text;
  std::vector<TokenId> ids;                         // special tokens in the text are ordinary text
  std::vector<TokenId> ids_parse_special;           // they become their ids
  std::string decoded;                              // of `ids`
  std::string decoded_parse_special;                // of `ids_parse_special`
  std::optional<std::string> decoded_skip_special;  // the same without special tokens; Llama 3's file does not say it
};

// A vectors.jsonl file. Fields that the file leaves out because they equal another are filled in.
std::vector<Vector> read_vectors(const std::filesystem::path& file);

// Expects of each vector: ids, ids with special tokens parsed, decoding at once and in a stream, with and without
// special tokens. Returns the number of ids compared.
size_t compare_all(const Tokenizer& tokenizer, const std::vector<Vector>& vectors);

// tokenizer.json, tokenizer.model, or the vocabulary inside a GGUF.
Tokenizer load_tokenizer(const std::filesystem::path& file);

}  // namespace assay::engine::testing
