#include "datasets/python_literal.h"

#include <charconv>
#include <cstdint>

#include "base/error.h"
#include "base/text.h"

namespace assay::datasets {
namespace {

// Nesting beyond this is damage, not data; it also bounds the recursion.
constexpr int kMaxDepth = 64;

class Parser {
 public:
  Parser(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  nlohmann::json run() {
    nlohmann::json value = parse_value(0);
    skip_space();
    if (at_ != text_.size()) fail_here("unexpected text after the value");
    return value;
  }

 private:
  [[noreturn]] void fail_here(std::string_view what) const {
    fail_input("{}: the Python literal is malformed at offset {}: {}", where_, at_, what);
  }

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }

  bool take(std::string_view token) {
    skip_space();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }

  char peek() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  nlohmann::json parse_value(int depth) {
    if (depth > kMaxDepth) fail_here("nested too deep");
    if (take("{")) return parse_dictionary(depth);
    if (take("[")) return parse_list(']', depth);
    if (take("(")) return parse_list(')', depth);
    if (peek() == '\'' || peek() == '"') return parse_strings();
    if (take("None")) return nullptr;
    if (take("True")) return true;
    if (take("False")) return false;
    return parse_number();
  }

  nlohmann::json parse_dictionary(int depth) {
    nlohmann::json object = nlohmann::json::object();
    while (!take("}")) {
      if (peek() != '\'' && peek() != '"') fail_here("a key must be a string");
      const std::string key = parse_strings();
      if (!take(":")) fail_here("':' is missing after a key");
      object[key] = parse_value(depth + 1);
      if (!take(",") && peek() != '}') fail_here("',' or '}' is missing");
    }
    return object;
  }

  nlohmann::json parse_list(char close, int depth) {
    nlohmann::json array = nlohmann::json::array();
    while (!take({&close, 1})) {
      array.push_back(parse_value(depth + 1));
      if (!take(",") && peek() != close) fail_here("',' or the closing bracket is missing");
    }
    return array;
  }

  nlohmann::json parse_number() {
    skip_space();
    const char* begin = text_.data() + at_;
    const char* end = text_.data() + text_.size();
    int64_t integer = 0;
    double number = 0;
    const auto as_integer = std::from_chars(begin, end, integer);
    const auto as_double = std::from_chars(begin, end, number);
    if (as_double.ec != std::errc() || as_double.ptr == begin) fail_here("a value is missing");
    at_ += static_cast<size_t>(as_double.ptr - begin);
    if (as_integer.ec == std::errc() && as_integer.ptr == as_double.ptr) return integer;
    return number;
  }

  // Adjacent strings are one string.
  std::string parse_strings() {
    std::string value;
    while (peek() == '\'' || peek() == '"') parse_string(value);
    return value;
  }

  void parse_string(std::string& value) {
    const char quote = text_[at_++];
    for (;;) {
      if (at_ >= text_.size()) fail_here("a string is never closed");
      const char c = text_[at_++];
      if (c == quote) return;
      if (c == '\n') fail_here("a string runs over the end of its line");
      if (c == '\\') {
        parse_escape(value);
      } else {
        value += c;
      }
    }
  }

  void parse_escape(std::string& value) {
    if (at_ >= text_.size()) fail_here("a string is never closed");
    constexpr std::string_view kNames = "\\'\"abfnrtv";
    constexpr std::string_view kValues = "\\'\"\a\b\f\n\r\t\v";
    const char c = text_[at_++];
    if (c == '\n') return;
    if (const size_t simple = kNames.find(c); simple != std::string_view::npos) {
      value += kValues[simple];
    } else if (c == 'x') {
      append_code_point(value, parse_digits(2, 2, 16));
    } else if (c == 'u') {
      append_code_point(value, parse_digits(4, 4, 16));
    } else if (c == 'U') {
      append_code_point(value, parse_digits(8, 8, 16));
    } else if (c >= '0' && c <= '7') {
      --at_;
      append_code_point(value, parse_digits(1, 3, 8));
    } else {  // Python keeps an escape that it does not know
      value += '\\';
      value += c;
    }
  }

  uint32_t parse_digits(size_t least, size_t most, int base) {
    uint32_t value = 0;
    const std::string_view digits = text_.substr(at_, most);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    const auto count = static_cast<size_t>(parsed.ptr - digits.data());
    if (parsed.ec != std::errc() || count < least) fail_here("an escape has too few digits");
    at_ += count;
    return value;
  }

  void append_code_point(std::string& value, uint32_t code_point) {
    if (code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
      fail_here("an escape names no character");
    }
    append_utf8(value, code_point);
  }

  std::string_view text_;
  const std::string& where_;
  size_t at_ = 0;
};

}  // namespace

nlohmann::json parse_python_literal(std::string_view text, const std::string& where) {
  return Parser(text, where).run();
}

}  // namespace assay::datasets
