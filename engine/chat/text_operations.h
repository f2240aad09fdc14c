// Python's methods of str on marked text. Places and lengths are in code points, as in Python.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/chat/marked_text.h"

namespace assay::engine::chat {

enum class Side { kLeft, kRight, kBoth };

// strip, lstrip, rstrip: white space, or every character of `characters`.
MarkedText stripped(const MarkedText& text, Side side, const std::optional<std::string_view>& characters = {});

// split and rsplit: at white space, or at `separator`, which is not empty; at most `most` cuts, all where negative.
std::vector<MarkedText> split_text(const MarkedText& text, const std::optional<std::string_view>& separator,
                                   int64_t most, bool from_right);
std::vector<MarkedText> split_lines(const MarkedText& text, bool keep_ends);

// replace: at most `most` times, everywhere where negative. An empty `from` stands between all characters.
MarkedText replaced(const MarkedText& text, std::string_view from, const MarkedText& to, int64_t most);

MarkedText upper(const MarkedText& text);
MarkedText lower(const MarkedText& text);
// The first character in upper case, the others in lower case.
MarkedText capitalized(const MarkedText& text);
// str.title: every letter behind something that is none becomes a capital.
MarkedText titled(const MarkedText& text);
// Jinja's filter `title`: words begin behind white space, hyphens and opening brackets.
MarkedText titled_words(const MarkedText& text);

// isalpha, isdigit and so on: not empty, and `holds` of every character.
bool all_characters(std::string_view text, const std::function<bool(char32_t)>& holds);
bool is_letter(char32_t c);
bool is_decimal(char32_t c);
bool is_upper_text(std::string_view text);
bool is_lower_text(std::string_view text);

// Byte offset of the code point `index`; the size of the text for one beyond its end.
size_t byte_offset(std::string_view text, size_t index);

}  // namespace assay::engine::chat
