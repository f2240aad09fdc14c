#include "base/display_width.h"

#include <utf8proc.h>

#include "base/text.h"

namespace assay {
namespace {

constexpr char32_t kEmojiForm = 0xFE0F;

size_t width_of(char32_t c) {
  const auto code_point = static_cast<utf8proc_int32_t>(c);
  if (utf8proc_category(code_point) == UTF8PROC_CATEGORY_CN) return 2;
  return static_cast<size_t>(utf8proc_charwidth(code_point));
}

// A character with the marks that stand on it.
struct Cell {
  size_t end = 0;  // of its bytes
  size_t columns = 0;
};

Cell next_cell(std::string_view text, size_t offset) {
  Cell cell{offset, 0};
  for (bool first = true; cell.end < text.size(); first = false) {
    size_t end = cell.end;
    const char32_t c = next_code_point(text, end);
    const size_t columns = c == kEmojiForm && cell.columns == 1 ? 1 : width_of(c);
    const bool mark = columns == 0 || c == kEmojiForm;
    if (!first && !mark) break;
    cell = {end, cell.columns + columns};
  }
  return cell;
}

}  // namespace

size_t display_width(std::string_view text) {
  size_t columns = 0;
  for (size_t offset = 0; offset < text.size();) {
    const Cell cell = next_cell(text, offset);
    offset = cell.end;
    columns += cell.columns;
  }
  return columns;
}

std::string_view first_columns(std::string_view text, size_t columns) {
  size_t offset = 0;
  while (offset < text.size()) {
    const Cell cell = next_cell(text, offset);
    if (cell.columns > columns) break;
    columns -= cell.columns;
    offset = cell.end;
  }
  return text.substr(0, offset);
}

std::string_view last_columns(std::string_view text, size_t columns) {
  size_t left_out = display_width(text);
  size_t offset = 0;
  while (offset < text.size() && left_out > columns) {
    const Cell cell = next_cell(text, offset);
    left_out -= cell.columns;
    offset = cell.end;
  }
  return text.substr(offset);
}

}  // namespace assay
