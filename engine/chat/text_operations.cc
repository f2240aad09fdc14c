#include "engine/chat/text_operations.h"

#include <utf8proc.h>

#include <algorithm>

#include "base/text.h"

namespace assay::engine::chat {
namespace {

bool occurs_in(char32_t c, std::string_view characters) {
  for (size_t at = 0; at < characters.size();) {
    if (next_code_point(characters, at) == c) return true;
  }
  return false;
}

// Where the code point before `end` begins.
size_t previous(std::string_view text, size_t end) {
  size_t at = end - 1;
  while (at > 0 && end - at < 4 && (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80) --at;
  size_t after = at;
  next_code_point(text, after);
  return after == end ? at : end - 1;  // a malformed byte is a character of its own
}

utf8proc_category_t category(char32_t c) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(c));
}

bool is_upper(char32_t c) {
  return category(c) == UTF8PROC_CATEGORY_LU || category(c) == UTF8PROC_CATEGORY_LT;
}

bool is_lower(char32_t c) {
  return category(c) == UTF8PROC_CATEGORY_LL;
}

char32_t to_upper(char32_t c) {
  return static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c)));
}

char32_t to_lower(char32_t c) {
  return static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
}

// Appends what Python's upper() makes of a character: for the sharp s two letters.
void append_upper(std::string& out, char32_t c) {
  if (c == 0xdf) {
    out += "SS";
  } else {
    append_utf8(out, to_upper(c));
  }
}

// `convert(c, out)` appends what becomes of each character in turn.
template <typename Convert>
MarkedText converted(const MarkedText& text, const Convert& convert) {
  MarkedText out;
  std::string one;
  for (size_t at = 0; at < text.size();) {
    const bool literal = text.literal_at(at);
    one.clear();
    convert(next_code_point(text.text(), at), one);
    out.append(one, literal);
  }
  return out;
}

struct Cut {
  size_t begin = 0;
  size_t end = 0;
};

// The first separator from `at` on: a run of white space, or `separator`.
std::optional<Cut> find_cut(std::string_view text, size_t at, const std::optional<std::string_view>& separator) {
  if (separator) {
    const size_t found = text.find(*separator, at);
    if (found == std::string_view::npos) return std::nullopt;
    return Cut{found, found + separator->size()};
  }
  while (at < text.size()) {
    size_t next = at;
    if (is_python_space(next_code_point(text, next))) {
      return Cut{at, text.size() - python_lstrip(text.substr(at)).size()};
    }
    at = next;
  }
  return std::nullopt;
}

// The last separator that ends at `end` or before.
std::optional<Cut> find_cut_before(std::string_view text, size_t end,
                                   const std::optional<std::string_view>& separator) {
  if (separator) {
    if (separator->size() > end) return std::nullopt;
    const size_t found = text.rfind(*separator, end - separator->size());
    if (found == std::string_view::npos) return std::nullopt;
    return Cut{found, found + separator->size()};
  }
  while (end > 0) {
    size_t begin = previous(text, end);
    size_t at = begin;
    if (is_python_space(next_code_point(text, at))) return Cut{python_rstrip(text.substr(0, end)).size(), end};
    end = begin;
  }
  return std::nullopt;
}

std::vector<MarkedText> split_from_left(const MarkedText& text, const std::optional<std::string_view>& separator,
                                        int64_t most) {
  std::vector<MarkedText> parts;
  size_t at = 0;
  while (most < 0 || static_cast<int64_t>(parts.size()) < most) {
    const std::optional<Cut> cut = find_cut(text.text(), at, separator);
    if (!cut) break;
    parts.push_back(text.slice(at, cut->begin));
    at = cut->end;
  }
  parts.push_back(text.slice(at, text.size()));
  return parts;
}

std::vector<MarkedText> split_from_right(const MarkedText& text, const std::optional<std::string_view>& separator,
                                         int64_t most) {
  std::vector<MarkedText> parts;
  size_t end = text.size();
  while (most < 0 || static_cast<int64_t>(parts.size()) < most) {
    const std::optional<Cut> cut = find_cut_before(text.text(), end, separator);
    if (!cut) break;
    parts.push_back(text.slice(cut->end, end));
    end = cut->begin;
  }
  parts.push_back(text.slice(0, end));
  std::reverse(parts.begin(), parts.end());
  return parts;
}

bool ends_line(char32_t c) {
  return (c >= 0x0a && c <= 0x0d) || (c >= 0x1c && c <= 0x1e) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool has_case(char32_t c) {
  return is_upper(c) || is_lower(c);
}

}  // namespace

MarkedText stripped(const MarkedText& text, Side side, const std::optional<std::string_view>& characters) {
  const std::string_view bytes = text.text();
  const auto goes = [&](size_t at) {
    const char32_t c = next_code_point(bytes, at);
    return characters ? occurs_in(c, *characters) : is_python_space(c);
  };
  size_t begin = 0;
  size_t end = text.size();
  while (side != Side::kRight && begin < end && goes(begin)) next_code_point(bytes, begin);
  while (side != Side::kLeft && end > begin && goes(previous(bytes, end))) end = previous(bytes, end);
  return text.slice(begin, end);
}

std::vector<MarkedText> split_text(const MarkedText& text, const std::optional<std::string_view>& separator,
                                   int64_t most, bool from_right) {
  if (separator) return from_right ? split_from_right(text, separator, most) : split_from_left(text, separator, most);
  // White space at the ends separates nothing, save behind the last cut of a limited number.
  const Side side = most < 0 ? Side::kBoth : from_right ? Side::kRight : Side::kLeft;
  const MarkedText inner = stripped(text, side);
  std::vector<MarkedText> parts =
      from_right ? split_from_right(inner, separator, most) : split_from_left(inner, separator, most);
  std::erase_if(parts, [](const MarkedText& part) { return part.empty(); });
  return parts;
}

std::vector<MarkedText> split_lines(const MarkedText& text, bool keep_ends) {
  const std::string_view bytes = text.text();
  std::vector<MarkedText> lines;
  size_t begin = 0;
  for (size_t at = 0; at < bytes.size();) {
    const size_t end = at;
    const char32_t c = next_code_point(bytes, at);
    if (!ends_line(c)) continue;
    if (c == '\r' && at < bytes.size() && bytes[at] == '\n') ++at;
    lines.push_back(text.slice(begin, keep_ends ? at : end));
    begin = at;
  }
  if (begin < bytes.size()) lines.push_back(text.slice(begin, bytes.size()));
  return lines;
}

MarkedText replaced(const MarkedText& text, std::string_view from, const MarkedText& to, int64_t most) {
  MarkedText out;
  const std::string_view bytes = text.text();
  size_t at = 0;
  for (int64_t count = 0; most < 0 || count < most; ++count) {
    if (from.empty()) {
      out.append(to);
      if (at == bytes.size()) return out;
      const size_t begin = at;
      next_code_point(bytes, at);
      out.append(text, begin, at);
    } else {
      const size_t found = bytes.find(from, at);
      if (found == std::string_view::npos) break;
      out.append(text, at, found);
      out.append(to);
      at = found + from.size();
    }
  }
  out.append(text, at, bytes.size());
  return out;
}

MarkedText upper(const MarkedText& text) {
  return converted(text, [](char32_t c, std::string& out) { append_upper(out, c); });
}

MarkedText lower(const MarkedText& text) {
  return converted(text, [](char32_t c, std::string& out) { append_utf8(out, to_lower(c)); });
}

MarkedText capitalized(const MarkedText& text) {
  bool first = true;
  return converted(text, [&](char32_t c, std::string& out) {
    append_utf8(out, first ? to_upper(c) : to_lower(c));
    first = false;
  });
}

MarkedText titled(const MarkedText& text) {
  bool inside = false;
  return converted(text, [&](char32_t c, std::string& out) {
    append_utf8(out, inside ? to_lower(c) : to_upper(c));
    inside = has_case(c);
  });
}

MarkedText titled_words(const MarkedText& text) {
  bool inside = false;
  return converted(text, [&](char32_t c, std::string& out) {
    const bool ends_word = is_python_space(c) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<';
    append_utf8(out, inside ? to_lower(c) : to_upper(c));
    inside = !ends_word;
  });
}

bool all_characters(std::string_view text, const std::function<bool(char32_t)>& holds) {
  for (size_t at = 0; at < text.size();) {
    if (!holds(next_code_point(text, at))) return false;
  }
  return !text.empty();
}

bool is_letter(char32_t c) {
  return has_case(c) || category(c) == UTF8PROC_CATEGORY_LM || category(c) == UTF8PROC_CATEGORY_LO;
}

bool is_decimal(char32_t c) {
  return category(c) == UTF8PROC_CATEGORY_ND;
}

bool is_upper_text(std::string_view text) {
  bool any = false;
  for (size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (is_lower(c)) return false;
    any = any || is_upper(c);
  }
  return any;
}

bool is_lower_text(std::string_view text) {
  bool any = false;
  for (size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (is_upper(c)) return false;
    any = any || is_lower(c);
  }
  return any;
}

size_t byte_offset(std::string_view text, size_t index) {
  size_t at = 0;
  for (; index > 0 && at < text.size(); --index) next_code_point(text, at);
  return at;
}

}  // namespace assay::engine::chat
