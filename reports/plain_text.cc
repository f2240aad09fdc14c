#include "reports/plain_text.h"

#include "base/text.h"

namespace assay::reports {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

// Controls, surrogates (a malformed byte is read as one) and the non-characters of every plane.
bool is_no_character(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0xD800 && c <= 0xDFFF) || (c >= 0xFDD0 && c <= 0xFDEF) ||
         (c & 0xFFFE) == 0xFFFE;
}

char32_t shown(char32_t c) {
  if (is_python_space(c)) return ' ';
  return is_no_character(c) || turns_direction(c) ? kReplacement : c;
}

}  // namespace

bool turns_direction(char32_t c) {
  return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

std::string plain_line(std::string_view text, size_t longest) {
  std::string line;
  size_t offset = 0;
  for (size_t count = 0; offset < text.size(); ++count) {
    if (count == longest) return line + "…";
    append_utf8(line, shown(next_code_point(text, offset)));
  }
  return line;
}

}  // namespace assay::reports
