#include "reports/markdown_text.h"

#include <algorithm>

#include "base/text.h"
#include "reports/plain_text.h"

namespace assay::reports {
namespace {

size_t longest_run(std::string_view text, char wanted) {
  size_t longest = 0;
  size_t run = 0;
  for (const char c : text) {
    run = c == wanted ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// Readers differ in whether "\\|" ends a cell: an odd number of back slashes is read alike by all. Where the text has
// an odd number of its own, one more is shown than it has.
std::string with_escaped_bars(std::string_view text) {
  std::string escaped;
  size_t slashes = 0;
  for (const char c : text) {
    if (c == '|') escaped += slashes % 2 == 0 ? "\\" : "\\\\";
    slashes = c == '\\' ? slashes + 1 : 0;
    escaped += c;
  }
  return escaped;
}

std::string in_code(const std::string& line) {
  if (line.find_first_not_of(' ') == std::string::npos) return "–";
  const std::string fence(longest_run(line, '`') + 1, '`');
  // One space on either side is taken off again by the reader; without them a back tick would join the fence.
  const bool padded = line.front() == '`' || line.back() == '`' || line.front() == ' ' || line.back() == ' ';
  const char* pad = padded ? " " : "";
  return fence + pad + line + pad + fence;
}

}  // namespace

std::string markdown_code(std::string_view text, size_t longest) {
  return in_code(plain_line(text, longest));
}

std::string markdown_cell(std::string_view text, size_t longest) {
  return in_code(with_escaped_bars(plain_line(text, longest)));
}

}  // namespace assay::reports
