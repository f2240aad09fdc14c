// Text as Python 3 sees it, because the benchmarks' rules are written in its words, plus small helpers.
// All text is UTF-8. Functions that count or classify code points take malformed bytes as one code point each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

// Python str.isspace for one code point: U+0009-U+000D, U+001C-U+0020, U+0085, U+00A0, U+1680, U+2000-U+200A, U+2028,
// U+2029, U+202F, U+205F, U+3000. Not U+200B.
bool is_python_space(char32_t code_point);

// str.strip(), str.lstrip(), str.rstrip(): views into `text`.
std::string_view python_strip(std::string_view text);
std::string_view python_lstrip(std::string_view text);
std::string_view python_rstrip(std::string_view text);

// len(text): the number of Unicode code points.
size_t count_code_points(std::string_view text);

// str.lower(), by Unicode simple case mapping.
std::string python_lower(std::string_view text);

// Decodes the code point that starts at `offset` and moves `offset` behind it. A malformed byte is returned as
// U+DC00 + byte (Python's surrogateescape), consuming that byte alone.
char32_t next_code_point(std::string_view text, size_t& offset);

// The inverse: U+DC80 to U+DCFF become the byte that they stand for. What is no code point (another surrogate, beyond
// U+10FFFF) becomes U+FFFD.
void append_utf8(std::string& out, char32_t code_point);

bool is_valid_utf8(std::string_view text);

// text.replace(from, to); an empty `from` changes nothing.
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);

std::vector<std::string> split(std::string_view text, char separator);
std::string join(const std::vector<std::string>& parts, std::string_view separator);

// "a, b, c, d, e and 7 more": the first five, for messages.
std::string some_of(const std::vector<std::string>& names);

// `text` for a message on one line: control characters and bytes that are not UTF-8 become '?', and what is beyond 100
// code points is cut off.
std::string printable(std::string_view text);

// The candidate with the smallest edit distance to `word` (two swapped neighbours count one) if that is at most a third
// of its length (at least 1), else empty: for "did you mean".
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace assay
