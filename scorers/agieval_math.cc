#include "scorers/agieval_math.h"

#include "scorers/math_answer.h"
#include "scorers/math_equivalence.h"

namespace assay::scorers {

Rule agieval_math_rule(SpecReader&) {
  Rule rule;
  rule.version = "agieval_math/1";
  rule.names = {{"acc", "acc", ""}};
  rule.judge = [parser = MathAnswerParser()](const Answer& answer) {
    // PROTOCOLS.md §6, math: "parse_math_answer on both sides, then MATH is_equiv".
    const std::optional<std::string> given = parser.parse(generated(answer).text);
    const std::optional<std::string> gold = parser.parse(answer.gold.text);
    Score score;
    score.values["acc"] = math_equivalent(given, gold) ? 1 : 0;
    if (given) score.extracted["acc"] = *given;
    return score;
  };
  return rule;
}

}  // namespace assay::scorers
