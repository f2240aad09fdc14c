#include "base/text.h"

#include <utf8proc.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace assay {

bool is_python_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

char32_t next_code_point(std::string_view text, size_t& offset) {
  utf8proc_int32_t code_point = -1;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data()) + offset;
  const utf8proc_ssize_t length =
      utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size() - offset), &code_point);
  if (length <= 0) return 0xDC00 + static_cast<unsigned char>(text[offset++]);
  offset += static_cast<size_t>(length);
  return static_cast<char32_t>(code_point);
}

std::string_view python_lstrip(std::string_view text) {
  for (size_t offset = 0; offset < text.size();) {
    size_t next = offset;
    if (!is_python_space(next_code_point(text, next))) return text.substr(offset);
    offset = next;
  }
  return {};
}

std::string_view python_rstrip(std::string_view text) {
  size_t keep = 0;
  for (size_t offset = 0; offset < text.size();) {
    if (!is_python_space(next_code_point(text, offset))) keep = offset;
  }
  return text.substr(0, keep);
}

std::string_view python_strip(std::string_view text) {
  return python_lstrip(python_rstrip(text));
}

size_t count_code_points(std::string_view text) {
  size_t count = 0;
  for (size_t offset = 0; offset < text.size(); ++count) next_code_point(text, offset);
  return count;
}

void append_utf8(std::string& out, char32_t code_point) {
  if (code_point >= 0xDC80 && code_point <= 0xDCFF) {  // a byte that was not UTF-8
    out += static_cast<char>(code_point - 0xDC00);
    return;
  }
  if (!utf8proc_codepoint_valid(static_cast<utf8proc_int32_t>(code_point))) code_point = 0xFFFD;
  utf8proc_uint8_t bytes[4];
  const utf8proc_ssize_t length = utf8proc_encode_char(static_cast<utf8proc_int32_t>(code_point), bytes);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(length));
}

std::string python_lower(std::string_view text) {
  std::string lower;
  lower.reserve(text.size());
  for (size_t offset = 0; offset < text.size();) {
    const char32_t c = next_code_point(text, offset);
    append_utf8(lower,
                c >= 0xDC80 && c <= 0xDCFF ? c : static_cast<char32_t>(utf8proc_tolower(static_cast<int32_t>(c))));
  }
  return lower;
}

bool is_valid_utf8(std::string_view text) {
  for (size_t offset = 0; offset < text.size();) {
    const char32_t c = next_code_point(text, offset);
    if (c >= 0xDC00 && c <= 0xDFFF) return false;
  }
  return true;
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  if (from.empty()) return std::string(text);
  std::string result;
  for (;;) {
    const size_t hit = text.find(from);
    result += text.substr(0, hit);
    if (hit == std::string_view::npos) return result;
    result += to;
    text.remove_prefix(hit + from.size());
  }
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += separator;
    text += parts[i];
  }
  return text;
}

std::string some_of(const std::vector<std::string>& names) {
  constexpr size_t kMost = 5;
  const size_t shown = std::min(kMost, names.size());
  const std::string text = join({names.begin(), names.begin() + static_cast<ptrdiff_t>(shown)}, ", ");
  return shown < names.size() ? text + " and " + std::to_string(names.size() - shown) + " more" : text;
}

std::string printable(std::string_view text) {
  constexpr size_t kLongest = 100;
  std::string result;
  size_t count = 0;
  for (size_t offset = 0; offset < text.size(); ++count) {
    if (count == kLongest) return result + "...";
    const char32_t c = next_code_point(text, offset);
    const bool shown = c >= 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA0) && !(c >= 0xDC00 && c <= 0xDFFF);
    append_utf8(result, shown ? c : U'?');
  }
  return result;
}

namespace {

// Edits and swaps of neighbours, each counting one (optimal string alignment).
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> before;  // row i - 2
  std::vector<size_t> above(b.size() + 1);
  std::iota(above.begin(), above.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    std::vector<size_t> row(b.size() + 1, i);
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::exchange(above, std::move(row));
  }
  return above.back();
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  size_t limit = std::max<size_t>(1, word.size() / 3);
  std::string best;
  for (const std::string& candidate : candidates) {
    const size_t distance = edit_distance(word, candidate);
    if (distance < limit || (distance == limit && best.empty())) {
      limit = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace assay
