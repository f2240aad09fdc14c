#include "scorers/gsm8k_llama3.h"

#include <memory>

#include "base/regex.h"
#include "base/text.h"

namespace assay::scorers {
namespace {

// PROTOCOLS.md §4, llama3: "with number N".
constexpr char kNumber[] = R"(-?\$?-?[0-9][0-9,]*(?:\.[0-9]+)?)";

struct Patterns {
  Regex stated{std::string("The answer is (") + kNumber + ")"};
  Regex number{kNumber};
  Regex zero_decimals{R"(\.0+$)"};
};

std::string without(std::string_view text, std::string_view characters) {
  std::string kept(text);
  std::erase_if(kept, [&](char c) { return characters.find(c) != std::string_view::npos; });
  return kept;
}

// PROTOCOLS.md §4, llama3: "the last match of `The answer is (N)`, else the last match of N in the text, else empty;
// delete $ and ,; delete \.0+$".
std::string number_of(const Patterns& patterns, std::string_view text) {
  Regex::Span span;
  if (const auto stated = patterns.stated.find_all(text); !stated.empty()) {
    span = stated.back()[1];
  } else if (const auto numbers = patterns.number.find_all(text); !numbers.empty()) {
    span = numbers.back()[0];
  }
  return patterns.zero_decimals.erase_all(without(text.substr(span.begin, span.end - span.begin), "$,"));
}

}  // namespace

Rule gsm8k_llama3_rule(SpecReader&) {
  Rule rule;
  rule.version = "gsm8k_llama3/1";
  rule.names = {{"llama3", "exact_match", "llama3"}};
  rule.judge = [patterns = std::make_shared<const Patterns>()](const Answer& answer) {
    const std::string number = number_of(*patterns, generated(answer).text);
    Score score;
    // PROTOCOLS.md §4, llama3: "compare as strings with the gold without commas".
    score.values["llama3"] = number == without(answer.gold.text, ",") ? 1 : 0;
    score.extracted["llama3"] = number;
    return score;
  };
  return rule;
}

}  // namespace assay::scorers
