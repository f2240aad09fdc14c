// Text that remembers which of its bytes came from the messages of a dialogue. A chat template writes special tokens;
// a message can only hold their names. What a template cuts, joins, replaces or changes in case keeps the origin of
// every byte, so that the tokenizer can tell the two apart in the finished prompt.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/request.h"

namespace assay::engine::chat {

class MarkedText {
 public:
  MarkedText() = default;
  explicit MarkedText(std::string_view text, bool literal = false) { append(text, literal); }

  const std::string& text() const { return text_; }
  size_t size() const { return text_.size(); }
  bool empty() const { return text_.empty(); }
  // Whether the byte came from a message.
  bool literal_at(size_t byte) const;

  void append(std::string_view text, bool literal = false);
  void append(const MarkedText& source) { append(source, 0, source.size()); }
  // Bytes begin to end of `source`, which is another object.
  void append(const MarkedText& source, size_t begin, size_t end);
  MarkedText slice(size_t begin, size_t end) const;

  // The text as stretches of markup and literals in turn, none empty.
  std::vector<PromptPiece> pieces() const;

 private:
  struct Range {
    size_t begin = 0;
    size_t end = 0;
  };
  void mark(size_t begin, size_t end);

  std::string text_;
  std::vector<Range> literal_;  // ascending, apart from each other, none empty
};

}  // namespace assay::engine::chat
