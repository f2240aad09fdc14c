// kind = "code": a program is judged by executing it (PROTOCOLS.md §5). Score passed, metrics pass@k; the extraction
// `completion` is what of the response goes into the program. Without an execution there is no score.
//
// Keys: prompt = "prompt" and entry_point = "entry_point", the sample's fields with the text in front of the completion
// and the name of the function that it defines; cut = the text at whose first occurrence the completion ends (none: the
// whole response). gold.text is the test with its last line, check(ENTRY_POINT).
#pragma once

#include <optional>
#include <string>

#include "sandbox/jail.h"
#include "scorers/rule.h"
#include "scorers/spec_reader.h"

namespace assay::scorers {

struct CodeSpec {
  std::string prompt = "prompt";
  std::string entry_point = "entry_point";
  std::optional<std::string> cut;
};

// What a completion is graded by. Error(kBadInput) naming the sample and the key for a field that the sample lacks.
sandbox::GradeJob grade_job(const CodeSpec& spec, const Answer& answer);

// The whole program as PROTOCOLS.md §5 writes it.
std::string whole_program(const sandbox::GradeJob& job);

// passed = 1 or 0, with the evidence. Every outcome but passed is a failure: a timeout, and no verdict, too.
Score score_grade(const sandbox::GradeJob& job, const sandbox::Grade& grade);

Rule code_rule(SpecReader& spec);

}  // namespace assay::scorers
