#include "scorers/agieval_letters.h"

#include <memory>
#include <string>
#include <string_view>

#include "base/regex.h"

namespace assay::scorers {
namespace {

// PROTOCOLS.md §6: "first match of `answer is .*?([A-G])` (. not newline), else the first of A-F in the text, else
// empty".
std::string letter_of(const Regex& stated, std::string_view text) {
  if (const Regex::Match match = stated.search(text); !match.empty()) {
    return std::string(text.substr(match[1].begin, match[1].end - match[1].begin));
  }
  const size_t bare = text.find_first_of("ABCDEF");
  return bare == std::string_view::npos ? "" : std::string(1, text[bare]);
}

}  // namespace

Rule agieval_letters_rule(SpecReader&) {
  Rule rule;
  rule.version = "agieval_letters/1";
  rule.names = {{"acc", "acc", ""}};
  rule.judge = [stated = std::make_shared<const Regex>("answer is .*?([A-G])")](const Answer& answer) {
    const std::string letter = letter_of(*stated, generated(answer).text);
    Score score;
    score.values["acc"] = letter == answer.gold.text ? 1 : 0;
    score.extracted["acc"] = letter;
    return score;
  };
  return rule;
}

}  // namespace assay::scorers
