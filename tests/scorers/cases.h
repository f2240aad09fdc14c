// tests/cases/*.case: responses with the extraction and the score that is expected of them, in a plain text that needs
// no compiler. The format is told at the head of every such file.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace assay::scorers::testing {

struct Expectation {
  std::optional<std::string> extracted;  // nothing: the scorer found no answer
  double score = 0;
};

struct Case {
  std::string name;
  int line = 0;  // of its "case:", from 1
  std::string gold;
  std::string response;
  std::map<std::string, Expectation> expected;  // by filter
};

struct CaseFile {
  std::string scorer;  // "TASK PROTOCOL", or a JSON table
  std::vector<Case> cases;
};

// Error(kBadInput) with `name` and the line of what is malformed: a line of no known form, a case without gold,
// response or expectation, a file without scorer or cases.
CaseFile parse_cases(const std::string& text, const std::string& name);

}  // namespace assay::scorers::testing
