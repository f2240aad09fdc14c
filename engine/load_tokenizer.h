// Which tokenizer a model gets, and what it puts in front of a text.
#pragma once

#include <optional>
#include <string>

#include "engine/checkpoint/checkpoint.h"
#include "engine/tokenizer/tokenizer.h"

namespace assay::engine {

// Thread-safe for reading.
struct LoadedTokenizer {
  Tokenizer tokenizer;
  std::string source;  // the file, for messages
  std::string sha256;  // of the tokenizer's file, or of all fields of the vocabulary inside a GGUF
  // What the tokenizer's own files say about a BOS, in the order of PROTOCOLS.md §1.2; nothing where they are silent.
  std::optional<bool> wants_bos;
  std::optional<TokenId> bos;  // the id that begins a text, also where none is put in front of a prompt
};

// `instead`: a folder or file that replaces the checkpoint's own tokenizer; empty: the tokenizer.json or
// tokenizer.model beside the weights, else the vocabulary inside the GGUF. Errors: kUnavailable where there is none,
// kBadInput for a damaged one and for one with more ids than the embedding has rows.
LoadedTokenizer load_tokenizer(const Checkpoint& checkpoint, const std::string& instead);

// PROTOCOLS.md §1.2. `option`: auto | on | off; kUsage for another word, and for "on" without a BOS to add.
bool decide_bos(const LoadedTokenizer& loaded, const std::string& option);

}  // namespace assay::engine
