#include "engine/tokenizer/added_tokens.h"

#include <utf8proc.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace assay::engine {
namespace {

// Unicode White_Space.
bool is_white_space(char32_t c) {
  return is_python_space(c) && !(c >= 0x1c && c <= 0x1f);
}

size_t leading_space(std::string_view text) {
  size_t end = 0;
  for (size_t at = 0; at < text.size() && is_white_space(next_code_point(text, at));) end = at;
  return end;
}

// Start of the last code point of a text that is not empty.
size_t last_code_point(std::string_view text) {
  size_t last = text.size() - 1;
  while (last > 0 && (static_cast<unsigned char>(text[last]) & 0xc0) == 0x80) --last;
  return last;
}

size_t before_trailing_space(std::string_view text) {
  while (!text.empty()) {
    const size_t last = last_code_point(text);
    size_t at = last;
    if (!is_white_space(next_code_point(text, at))) break;
    text = text.substr(0, last);
  }
  return text.size();
}

// \w of Unicode TR18, annex C, by general category.
bool is_word(char32_t c) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_PC:
      return true;
    default:
      return c == 0x200c || c == 0x200d;  // Join_Control
  }
}

bool starts_with_word(std::string_view text) {
  size_t at = 0;
  return !text.empty() && is_word(next_code_point(text, at));
}

bool ends_with_word(std::string_view text) {
  return !text.empty() && starts_with_word(text.substr(last_code_point(text)));
}

}  // namespace

bool covers(const Markup& markup, size_t begin, size_t end) {
  const auto after = std::upper_bound(markup.begin(), markup.end(), begin,
                                      [](size_t at, const MarkupRange& range) { return at < range.begin; });
  return after != markup.begin() && end <= std::prev(after)->end;
}

AddedTokens::AddedTokens(std::vector<AddedToken> tokens) : tokens_(std::move(tokens)), nodes_(1) {
  for (size_t i = 0; i < tokens_.size(); ++i) {
    const AddedToken& token = tokens_[i];
    if (token.text.empty()) continue;
    first_[static_cast<unsigned char>(token.text[0])] = true;
    (token.special ? has_special_ : has_ordinary_) = true;
    int32_t node = 0;
    for (const char byte : token.text) {
      int32_t child = child_of(node, byte);
      if (child < 0) {
        child = static_cast<int32_t>(nodes_.size());
        nodes_.push_back({-1, nodes_[node].child, -1, byte});
        nodes_[node].child = child;
      }
      node = child;
    }
    if (nodes_[node].token < 0) nodes_[node].token = static_cast<int32_t>(i);
  }
}

int32_t AddedTokens::child_of(int32_t node, char byte) const {
  int32_t child = nodes_[node].child;
  while (child >= 0 && nodes_[child].byte != byte) child = nodes_[child].sibling;
  return child;
}

int32_t AddedTokens::longest_at(std::string_view text, size_t begin) const {
  int32_t longest = -1;
  int32_t node = 0;
  for (size_t at = begin; at < text.size(); ++at) {
    node = child_of(node, text[at]);
    if (node < 0) break;
    if (nodes_[node].token >= 0) longest = nodes_[node].token;
  }
  return longest;
}

void AddedTokens::split(std::string_view text, const Markup& markup, std::vector<Stretch>& stretches) const {
  size_t done = 0;  // everything before is in `stretches`
  const bool nothing_to_find = nodes_.size() == 1 || (markup.empty() && !has_ordinary_);
  for (size_t at = 0; !nothing_to_find && at < text.size();) {
    const int32_t found = first_[static_cast<unsigned char>(text[at])] ? longest_at(text, at) : -1;
    if (found < 0) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[found];
    size_t begin = at;
    size_t end = at + token.text.size();
    at = end;
    if (token.special && !covers(markup, begin, end)) continue;
    if (token.single_word && (ends_with_word(text.substr(0, begin)) || starts_with_word(text.substr(end)))) continue;
    begin = std::max(begin, done);  // the token before may have stripped what this one begins with
    if (token.left_strip) begin = done + before_trailing_space(text.substr(done, begin - done));
    if (token.right_strip) end += leading_space(text.substr(end));
    end = std::max(end, begin);
    if (begin > done) stretches.push_back({text.substr(done, begin - done), -1});
    stretches.push_back({text.substr(begin, end - begin), token.id});
    done = end;
  }
  if (done < text.size()) stretches.push_back({text.substr(done), -1});
}

}  // namespace assay::engine
