#include "scorers/math_answer.h"

#include "base/regex.h"

namespace assay::scorers {
namespace {

constexpr size_t kNone = std::string_view::npos;
constexpr std::string_view kBoxed = "\\boxed";

// PROTOCOLS.md §6: "of that what follows its last = (left spaces trimmed)"; all of it where there is none.
std::string_view behind_last_equals(std::string_view text) {
  const size_t equals = text.rfind('=');
  if (equals == kNone) return text;
  text.remove_prefix(equals + 1);
  const size_t first = text.find_first_not_of(' ');
  return text.substr(first == kNone ? text.size() : first);
}

// PROTOCOLS.md §6: "the content of the last one up to its balancing brace ...; none if it does not open with \boxed{ or
// never closes". `text` has a \boxed.
std::optional<std::string_view> last_boxed(std::string_view text) {
  text.remove_prefix(text.rfind(kBoxed) + kBoxed.size());
  if (!text.starts_with('{')) return std::nullopt;
  int open = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '{') ++open;
    if (text[i] == '}' && --open == 0) return behind_last_equals(text.substr(1, i - 1));
  }
  return std::nullopt;
}

// PROTOCOLS.md §6: "after the last = of the whole text ... (left spaces and right dots trimmed, cut at a literal
// backslash-n)".
std::string_view right_side(std::string_view text) {
  text = behind_last_equals(text);
  text = text.substr(0, text.find_last_not_of('.') + 1);
  return text.substr(0, text.find("\\n"));
}

}  // namespace

struct MathAnswerParser::Patterns {
  Regex dollars{R"(\$(.*)\$)"};
  // Python's \d and \w are Unicode here.
  Regex number{R"((?:\$)?\d+(?:\.\d+)?(?![\w\d]))", {.unicode_classes = true}};
};

MathAnswerParser::MathAnswerParser() : patterns_(std::make_shared<const Patterns>()) {}

std::optional<std::string> MathAnswerParser::parse(std::string_view text) const {
  // PROTOCOLS.md §6: "if \boxed occurs anywhere".
  if (text.find(kBoxed) != kNone) {
    const std::optional<std::string_view> boxed = last_boxed(text);
    return boxed ? std::optional<std::string>(*boxed) : std::nullopt;
  }
  // PROTOCOLS.md §6: "Else the last match of \$(.*)\$ (greedy, within a line; again after its last =)".
  if (const auto dollars = patterns_->dollars.find_all(text); !dollars.empty()) {
    const Regex::Span span = dollars.back()[1];
    const std::string_view inside = behind_last_equals(text.substr(span.begin, span.end - span.begin));
    if (!inside.empty()) return std::string(inside);
  }
  // PROTOCOLS.md §6: "If that gave none or the empty text: after the last = of the whole text if there is one".
  if (text.find('=') != kNone) return std::string(right_side(text));
  // PROTOCOLS.md §6: "else the last match of (?:\$)?\d+(?:\.\d+)?(?![\w\d]), else none".
  const auto numbers = patterns_->number.find_all(text);
  if (numbers.empty()) return std::nullopt;
  const Regex::Span span = numbers.back()[0];
  return std::string(text.substr(span.begin, span.end - span.begin));
}

}  // namespace assay::scorers
