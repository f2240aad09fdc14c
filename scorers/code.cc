#include "scorers/code.h"

namespace assay::scorers {

Rule code_rule(SpecReader&) {
  Rule rule;
  rule.version = "code/1";
  rule.names = {{"passed", "pass@1", ""}};
  rule.needs_execution = true;
  rule.judge = [](const Answer& answer) {
    Score score;
    score.extracted["completion"] = generated(answer).text;
    return score;
  };
  return rule;
}

}  // namespace assay::scorers
