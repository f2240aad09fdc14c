// How many columns of a terminal a text takes.
#pragma once

#include <cstddef>
#include <string_view>

namespace assay {

// Columns of UTF-8 text without control characters: East Asian wide characters and emoji count two, combining marks and
// joiners none. What terminals draw differently counts as the widest of them: a character that Unicode 14 does not know
// two, one that U+FE0F makes an emoji two, each part of a joined emoji its own.
size_t display_width(std::string_view text);

// The longest beginning, and the longest end, of at most `columns` columns; no mark is parted from what it stands on.
std::string_view first_columns(std::string_view text, size_t columns);
std::string_view last_columns(std::string_view text, size_t columns);

}  // namespace assay
