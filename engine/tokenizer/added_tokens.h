// Finds added tokens in text: those of the file that are matched before anything else (control tokens, runs of spaces,
// tags). Of those that begin at the same place the longest wins.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/tokenizer/definition.h"

namespace assay::engine {

// A stretch of text: an added token, or (id -1) text between them.
struct Stretch {
  std::string_view text;
  TokenId id = -1;
};

// Immutable and thread-safe.
class AddedTokens {
 public:
  // Searches `token.text` as it stands; tokens without text are never found.
  explicit AddedTokens(std::vector<AddedToken> tokens);

  // Appends the stretches of `text` in order, none empty. Special tokens are found only if `parse_special`; but their
  // names still hide other tokens inside them, as in the Hugging Face library.
  void split(std::string_view text, bool parse_special, std::vector<Stretch>& stretches) const;

 private:
  struct Node {
    int32_t child = -1;    // first of the nodes one byte further
    int32_t sibling = -1;  // next of the nodes with the same parent
    int32_t token = -1;    // the token that ends here
    char byte = 0;
  };
  int32_t child_of(int32_t node, char byte) const;
  int32_t longest_at(std::string_view text, size_t begin) const;

  std::vector<AddedToken> tokens_;
  std::vector<Node> nodes_;
  std::array<bool, 256> first_{};  // bytes that a token begins with
  bool has_ordinary_ = false;      // one that is not special
};

}  // namespace assay::engine
