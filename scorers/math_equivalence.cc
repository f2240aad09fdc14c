#include "scorers/math_equivalence.h"

#include <vector>

#include "base/text.h"

namespace assay::scorers {
namespace {

constexpr size_t kNowhere = std::string_view::npos;

// text.split(separator) for a separator of any length.
std::vector<std::string_view> split_at(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> parts;
  for (;;) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == kNowhere) return parts;
    text.remove_prefix(end + separator.size());
  }
}

// The first code point of a text that is not empty; removes it from `rest`.
std::string_view take_character(std::string_view& rest) {
  size_t length = 0;
  next_code_point(rest, length);
  const std::string_view character = rest.substr(0, length);
  rest.remove_prefix(length);
  return character;
}

struct Replacement {
  std::string_view from;
  std::string_view to;
};

std::string replaced(std::string text, const std::vector<Replacement>& replacements) {
  for (const Replacement& replacement : replacements) text = replace_all(text, replacement.from, replacement.to);
  return text;
}

// PROTOCOLS.md §6: "cut at `\text{ ` (two of them: error)".
std::optional<std::string> without_units(const std::string& text) {
  const std::vector<std::string_view> parts = split_at(text, "\\text{ ");
  if (parts.size() > 2) return std::nullopt;
  return std::string(parts[0]);
}

// PROTOCOLS.md §6: "if exactly one = with at most 2 characters before it, keep what follows".
std::string without_left_side(const std::string& text) {
  const std::vector<std::string_view> sides = split_at(text, "=");
  return sides.size() == 2 && count_code_points(sides[0]) <= 2 ? std::string(sides[1]) : text;
}

// PROTOCOLS.md §6: "\sqrtX → \sqrt{X} (one character; nothing after it: error)".
std::optional<std::string> with_braced_roots(const std::string& text) {
  const std::vector<std::string_view> parts = split_at(text, "\\sqrt");
  std::string result(parts[0]);
  for (size_t i = 1; i < parts.size(); ++i) {
    std::string_view rest = parts[i];
    if (rest.empty()) return std::nullopt;
    result += "\\sqrt";
    if (!rest.starts_with('{')) {
      result += '{';
      result += take_character(rest);
      result += '}';
    }
    result += rest;
  }
  return result;
}

// PROTOCOLS.md §6: "\frac arguments without braces get them (\frac12, \frac1{72}, not \frac{72}1; one lone character
// after it: leave the whole text as it was before this step; nothing: error)".
std::optional<std::string> with_braced_fractions(const std::string& text) {
  const std::vector<std::string_view> parts = split_at(text, "\\frac");
  std::string result(parts[0]);
  for (size_t i = 1; i < parts.size(); ++i) {
    std::string_view rest = parts[i];
    if (rest.empty()) return std::nullopt;
    result += "\\frac";
    if (!rest.starts_with('{')) {
      const std::string_view numerator = take_character(rest);
      if (rest.empty()) return text;
      result += '{';
      result += numerator;
      result += '}';
      if (!rest.starts_with('{')) {
        result += '{';
        result += take_character(rest);
        result += '}';
      }
    }
    result += rest;
  }
  return result;
}

// An integer as Python writes it: no plus, no leading nought, no minus before nought.
bool is_canonical_integer(std::string_view text) {
  if (text == "0") return true;
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text[0] != '0' && text.find_first_not_of("0123456789") == kNowhere;
}

// PROTOCOLS.md §6: "the whole text a/b with two canonical decimal integers → \frac{a}{b}".
std::string with_slash_as_fraction(const std::string& text) {
  const std::vector<std::string_view> sides = split_at(text, "/");
  if (sides.size() != 2 || !is_canonical_integer(sides[0]) || !is_canonical_integer(sides[1])) return text;
  return std::string("\\frac{").append(sides[0]).append("}{").append(sides[1]).append("}");
}

}  // namespace

// PROTOCOLS.md §6, is_equiv's normalisation in order.
std::optional<std::string> normalise_math(std::string_view text) {
  const std::optional<std::string> number = without_units(replaced(std::string(text), {
                                                                                          {"\n", ""},
                                                                                          {"\\!", ""},
                                                                                          {"\\\\", "\\"},
                                                                                          {"tfrac", "frac"},
                                                                                          {"dfrac", "frac"},
                                                                                          {"\\left", ""},
                                                                                          {"\\right", ""},
                                                                                          {"^{\\circ}", ""},
                                                                                          {"^\\circ", ""},
                                                                                          {"\\$", ""},
                                                                                      }));
  if (!number) return std::nullopt;
  std::string result = replaced(*number, {{"\\%", ""}, {" .", " 0."}, {"{.", "{0."}});
  if (result.empty()) return result;
  if (result.starts_with('.')) result.insert(result.begin(), '0');
  const std::optional<std::string> roots = with_braced_roots(without_left_side(result));
  if (!roots) return std::nullopt;
  const std::optional<std::string> fractions = with_braced_fractions(replace_all(*roots, " ", ""));
  if (!fractions) return std::nullopt;
  if (*fractions == "0.5") return "\\frac{1}{2}";
  return with_slash_as_fraction(*fractions);
}

bool math_equivalent(const std::optional<std::string>& a, const std::optional<std::string>& b) {
  // PROTOCOLS.md §6: "on any error, or a none, the parsed texts are compared as they are", and "none equals none".
  if (!a || !b) return a == b;
  const std::optional<std::string> left = normalise_math(*a);
  const std::optional<std::string> right = normalise_math(*b);
  return left && right ? *left == *right : *a == *b;
}

}  // namespace assay::scorers
