#include "engine/chat/marked_text.h"

#include <algorithm>

namespace assay::engine::chat {

bool MarkedText::literal_at(size_t byte) const {
  const auto after = std::upper_bound(literal_.begin(), literal_.end(), byte,
                                      [](size_t at, const Range& range) { return at < range.begin; });
  return after != literal_.begin() && byte < std::prev(after)->end;
}

void MarkedText::mark(size_t begin, size_t end) {
  if (begin == end) return;
  if (!literal_.empty() && literal_.back().end == begin) {
    literal_.back().end = end;
  } else {
    literal_.push_back({begin, end});
  }
}

void MarkedText::append(std::string_view text, bool literal) {
  const size_t begin = text_.size();
  text_.append(text);
  if (literal) mark(begin, text_.size());
}

void MarkedText::append(const MarkedText& source, size_t begin, size_t end) {
  const size_t base = text_.size();
  text_.append(source.text_, begin, end - begin);
  auto range = std::partition_point(source.literal_.begin(), source.literal_.end(),
                                    [&](const Range& one) { return one.end <= begin; });
  for (; range != source.literal_.end() && range->begin < end; ++range) {
    mark(base + std::max(range->begin, begin) - begin, base + std::min(range->end, end) - begin);
  }
}

MarkedText MarkedText::slice(size_t begin, size_t end) const {
  MarkedText part;
  part.append(*this, begin, end);
  return part;
}

std::vector<PromptPiece> MarkedText::pieces() const {
  std::vector<PromptPiece> pieces;
  size_t done = 0;
  const auto add = [&](size_t end, bool markup) {
    if (end > done) pieces.push_back({text_.substr(done, end - done), markup});
    done = end;
  };
  for (const Range& range : literal_) {
    add(range.begin, true);
    add(range.end, false);
  }
  add(text_.size(), true);
  return pieces;
}

}  // namespace assay::engine::chat
