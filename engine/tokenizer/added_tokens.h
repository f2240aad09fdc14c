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

// Where special tokens are found: bytes begin to end of a text.
struct MarkupRange {
  size_t begin = 0;
  size_t end = 0;
};
// Ascending and apart from each other; none: special tokens are not found at all.
using Markup = std::vector<MarkupRange>;

// Whether bytes begin to end all are markup.
bool covers(const Markup& markup, size_t begin, size_t end);

// Immutable and thread-safe.
class AddedTokens {
 public:
  // Searches `token.text` as it stands; tokens without text are never found.
  explicit AddedTokens(std::vector<AddedToken> tokens);

  // Appends the stretches of `text` in order, none empty. Special tokens are found only where the whole of them is
  // markup; but their names still hide other tokens inside them, as in the Hugging Face library.
  void split(std::string_view text, const Markup& markup, std::vector<Stretch>& stretches) const;
  bool has_special() const { return has_special_; }

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
  bool has_special_ = false;
};

}  // namespace assay::engine
