#include "engine/chat/lexer.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "engine/chat/runtime.h"
#include "engine/chat/string_literal.h"

namespace assay::engine::chat {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool is_space(char c) {
  return is_python_space(static_cast<unsigned char>(c));
}

// Line breaks become \n, and the last one of a file does not count.
std::string normalized_lines(std::string_view source) {
  std::string text;
  text.reserve(source.size());
  for (size_t i = 0; i < source.size(); ++i) {
    const bool carriage = source[i] == '\r';
    if (carriage && i + 1 < source.size() && source[i + 1] == '\n') ++i;
    text += carriage ? '\n' : source[i];
  }
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

class Lexer {
 public:
  explicit Lexer(std::string source) : source_(std::move(source)) {}

  std::vector<Token> read() {
    while (at_ < source_.size()) read_text_and_tag();
    add(Token::Kind::kEnd, "", line_);
    return std::move(tokens_);
  }

 private:
  char here(size_t ahead = 0) const { return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0'; }
  bool sees(std::string_view text) const { return std::string_view(source_).substr(at_).starts_with(text); }
  void advance(size_t count) {
    line_ += static_cast<int>(std::count(source_.begin() + static_cast<ptrdiff_t>(at_),
                                         source_.begin() + static_cast<ptrdiff_t>(at_ + count), '\n'));
    at_ += count;
  }
  void skip_space() {
    while (at_ < source_.size() && is_space(source_[at_])) advance(1);
  }
  void skip_all_space() { advance(source_.size() - at_ - python_lstrip(std::string_view(source_).substr(at_)).size()); }
  void add(Token::Kind kind, std::string text, int line) { tokens_.push_back({kind, std::move(text), line}); }

  // Where the next {{, {% or {# is; the end of the source where there is none.
  size_t find_tag() const {
    for (size_t i = source_.find('{', at_); i != std::string::npos; i = source_.find('{', i + 1)) {
      if (i + 1 < source_.size() && (source_[i + 1] == '{' || source_[i + 1] == '%' || source_[i + 1] == '#')) return i;
    }
    return source_.size();
  }

  // The text before a tag, as the tag's sign leaves it: all white space before {%- goes, and before a block or comment
  // without + what stands between it and the beginning of its line.
  std::string_view text_before(std::string_view text, char sign, bool prints) const {
    if (sign == '-') return python_rstrip(text);
    if (sign == '+' || prints) return text;
    const size_t line_begin = text.rfind('\n') + 1;  // 0 where there is no line break
    if (line_begin == 0 && !at_line_begin_) return text;
    return python_strip(text.substr(line_begin)).empty() ? text.substr(0, line_begin) : text;
  }

  void add_text(std::string_view text) {
    if (!text.empty()) add(Token::Kind::kText, std::string(text), line_);
  }

  // Behind the %} or #} of a tag: -%} takes the white space that follows, %} one line break.
  void end_tag(char sign) {
    const size_t before = at_;
    if (sign == '-') {
      skip_all_space();
    } else if (sign != '+' && here() == '\n') {
      advance(1);
    }
    at_line_begin_ = at_ > before && source_[at_ - 1] == '\n';
  }

  void read_text_and_tag() {
    const size_t tag = find_tag();
    const std::string_view text = std::string_view(source_).substr(at_, tag - at_);
    if (tag == source_.size()) {
      add_text(text);
      advance(tag - at_);
      return;
    }
    const char kind = source_[tag + 1];
    const char after = tag + 2 < source_.size() ? source_[tag + 2] : '\0';
    const char sign = after == '-' || after == '+' ? after : '\0';
    add_text(text_before(text, sign, kind == '{'));
    advance(tag - at_);
    const int line = line_;
    advance(sign == '\0' ? 2 : 3);
    if (kind == '#') {
      skip_comment(line);
    } else if (kind == '%' && begins_raw()) {
      read_raw(line);
    } else {
      add(kind == '{' ? Token::Kind::kPrintBegin : Token::Kind::kBlockBegin, "", line);
      read_tag(kind == '{', line);
    }
  }

  void skip_comment(int line) {
    const size_t end = source_.find("#}", at_);
    if (end == std::string::npos) throw TemplateError("a comment is not closed with #}", line);
    const char sign = end > at_ ? source_[end - 1] : '\0';
    advance(end + 2 - at_);
    end_tag(sign);
  }

  // Behind {%: the rest of a tag that is just `word`. Returns the sign before its %}, '\n' where it is no such tag.
  char rest_of_tag(size_t& at, std::string_view word) const {
    const std::string_view source = source_;
    const auto skip = [&] {
      while (at < source.size() && is_space(source[at])) ++at;
    };
    skip();
    if (!source.substr(at).starts_with(word)) return '\n';
    at += word.size();
    skip();
    char sign = '\0';
    if (at < source.size() && (source[at] == '-' || source[at] == '+')) sign = source[at++];
    if (!source.substr(at).starts_with("%}")) return '\n';
    at += 2;
    return sign;
  }

  bool begins_raw() const {
    size_t at = at_;
    const char sign = rest_of_tag(at, "raw");
    return sign == '\0' || sign == '-';
  }

  void read_raw(int line) {
    size_t at = at_;
    const char begin_sign = rest_of_tag(at, "raw");
    advance(at - at_);
    if (begin_sign == '-') skip_all_space();
    at_line_begin_ = source_[at_ - 1] == '\n';
    for (size_t tag = source_.find("{%", at_); tag != std::string::npos; tag = source_.find("{%", tag + 1)) {
      size_t end = tag + 2;
      char sign = '\0';
      if (end < source_.size() && (source_[end] == '-' || source_[end] == '+')) sign = source_[end++];
      const char end_sign = rest_of_tag(end, "endraw");
      if (end_sign == '\n') continue;
      add_text(text_before(std::string_view(source_).substr(at_, tag - at_), sign, false));
      advance(end - at_);
      end_tag(end_sign);
      return;
    }
    throw TemplateError("{% raw %} is not closed with {% endraw %}", line);
  }

  // Tokens up to the end of the tag. Inside brackets }} is two closing braces.
  void read_tag(bool prints, int line) {
    const std::string_view end = prints ? "}}" : "%}";
    std::string brackets;
    for (skip_space(); at_ < source_.size(); skip_space()) {
      if (brackets.empty()) {
        const bool signed_end = (here() == '-' || (here() == '+' && !prints)) && here(1) == end[0] && here(2) == end[1];
        if (signed_end || sees(end)) {
          const char sign = signed_end ? here() : '\0';
          add(prints ? Token::Kind::kPrintEnd : Token::Kind::kBlockEnd, "", line_);
          advance(signed_end ? 3 : 2);
          end_tag(prints && sign == '\0' ? '+' : sign);
          return;
        }
      }
      read_token(brackets);
    }
    throw TemplateError(fmt::format("a tag is not closed with {}", end), line);
  }

  void read_token(std::string& brackets) {
    const char c = here();
    if (is_digit(c)) return read_number();
    if (begins_name(c)) {
      size_t length = 1;
      while (begins_name(here(length)) || is_digit(here(length))) ++length;
      add(Token::Kind::kName, source_.substr(at_, length), line_);
      return advance(length);
    }
    if (c == '"' || c == '\'') return read_string();
    read_operator(brackets);
  }

  void read_string() {
    size_t end = at_ + 1;
    while (end < source_.size() && source_[end] != source_[at_]) end += source_[end] == '\\' ? 2 : 1;
    if (end >= source_.size()) throw TemplateError("a string is not closed", line_);
    add(Token::Kind::kString, string_literal(std::string_view(source_).substr(at_ + 1, end - at_ - 1), line_), line_);
    advance(end + 1 - at_);
  }

  // Digits with single underscores between them, from `at`; returns where they end.
  size_t digits_end(size_t at) const {
    while (at < source_.size() && (is_digit(source_[at]) || (source_[at] == '_' && at + 1 < source_.size() &&
                                                             is_digit(source_[at - 1]) && is_digit(source_[at + 1])))) {
      ++at;
    }
    return at;
  }

  void read_number() {
    const auto digit_at = [&](size_t at) { return at < source_.size() && is_digit(source_[at]); };
    size_t end = digits_end(at_);
    Token::Kind kind = Token::Kind::kInteger;
    const bool behind_dot = at_ > 0 && source_[at_ - 1] == '.';
    if (!behind_dot && end < source_.size() && source_[end] == '.' && digit_at(end + 1)) {
      end = digits_end(end + 1);
      kind = Token::Kind::kFloat;
    }
    if (!behind_dot && end < source_.size() && (source_[end] == 'e' || source_[end] == 'E')) {
      const size_t exponent =
          end + 1 + (end + 1 < source_.size() && (source_[end + 1] == '+' || source_[end + 1] == '-'));
      if (digit_at(exponent)) {
        end = digits_end(exponent);
        kind = Token::Kind::kFloat;
      }
    }
    std::string text = source_.substr(at_, end - at_);
    std::erase(text, '_');
    if (kind == Token::Kind::kInteger && text.size() > 1 && text[0] == '0') {
      throw TemplateError(fmt::format("the number {} begins with 0", printable(text)), line_);
    }
    if (kind == Token::Kind::kInteger && end < source_.size() && begins_name(source_[end])) {
      throw TemplateError("a name or a number in another base follows digits, which is not supported", line_);
    }
    add(kind, std::move(text), line_);
    advance(end - at_);
  }

  void read_operator(std::string& brackets) {
    static constexpr std::array<std::string_view, 24> kOperators = {"==", "!=", ">=", "<=", "//", "**", "+", "-",
                                                                    "/",  "*",  "%",  "~",  "[",  "]",  "(", ")",
                                                                    "{",  "}",  ">",  "<",  "=",  ".",  ":", "|"};
    std::string_view found = sees(",") ? "," : "";
    for (const std::string_view one : kOperators) {
      if (found.empty() && sees(one)) found = one;
    }
    if (found.empty()) {
      throw TemplateError(fmt::format("the character '{}' means nothing here", printable(source_.substr(at_, 1))),
                          line_);
    }
    static constexpr std::string_view kOpening = "([{";
    static constexpr std::string_view kClosing = ")]}";
    if (kOpening.find(found) != std::string_view::npos) brackets += found;
    if (const size_t which = kClosing.find(found); which != std::string_view::npos) {
      if (brackets.empty() || brackets.back() != kOpening[which]) {
        throw TemplateError(fmt::format("a '{}' closes nothing", found), line_);
      }
      brackets.pop_back();
    }
    add(Token::Kind::kOperator, std::string(found), line_);
    advance(found.size());
  }

  std::string source_;
  size_t at_ = 0;
  int line_ = 1;
  bool at_line_begin_ = true;  // nothing but a line break lies between the last tag and what follows
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> read_tokens(std::string_view source) {
  return Lexer(normalized_lines(source)).read();
}

}  // namespace assay::engine::chat
