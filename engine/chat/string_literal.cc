#include "engine/chat/string_literal.h"

#include <charconv>

#include "base/text.h"
#include "engine/chat/runtime.h"

namespace assay::engine::chat {
namespace {

// Text of the simple escapes; nullptr for another character.
const char* simple_escape(char c) {
  switch (c) {
    case '\n':
      return "";
    case '\\':
      return "\\";
    case '\'':
      return "'";
    case '"':
      return "\"";
    case 'a':
      return "\a";
    case 'b':
      return "\b";
    case 'f':
      return "\f";
    case 'n':
      return "\n";
    case 'r':
      return "\r";
    case 't':
      return "\t";
    case 'v':
      return "\v";
    default:
      return nullptr;
  }
}

size_t hex_digits(char c) {
  return c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
}

// The number that `text` begins with, of at most `most` digits; moves `at` behind it.
char32_t read_number(std::string_view text, size_t& at, size_t most, int base) {
  uint32_t number = 0;
  const std::string_view digits = text.substr(at, most);
  at += static_cast<size_t>(std::from_chars(digits.data(), digits.data() + digits.size(), number, base).ptr -
                            digits.data());
  return number;
}

bool is_surrogate(char32_t c) {
  return c >= 0xd800 && c <= 0xdfff;
}

}  // namespace

std::string string_literal(std::string_view written, int line) {
  std::string value;
  for (size_t at = 0; at < written.size();) {
    if (written[at] != '\\' || at + 1 == written.size()) {
      value += written[at++];
      continue;
    }
    const char kind = written[at + 1];
    if (const char* simple = simple_escape(kind)) {
      value += simple;
      at += 2;
    } else if (const size_t digits = hex_digits(kind); digits > 0) {
      const size_t begin = at + 2;
      at = begin;
      const char32_t code_point = read_number(written, at, digits, 16);
      if (at != begin + digits || code_point > 0x10ffff || is_surrogate(code_point)) {
        throw TemplateError(fmt::format("a string has a \\{} that is no character", kind), line);
      }
      append_utf8(value, code_point);
    } else if (kind >= '0' && kind <= '7') {
      ++at;
      append_utf8(value, read_number(written, at, 3, 8));
    } else if (kind == 'N') {
      throw TemplateError("names of characters (\\N{...}) are not supported", line);
    } else {
      value += '\\';
      ++at;
    }
  }
  return value;
}

}  // namespace assay::engine::chat
