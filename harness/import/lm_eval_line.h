// One line of a per-sample log, taken apart. Part of lm_eval_log.cc, which says what a whole file must be.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/import/lm_eval_log.h"

namespace assay::harness {

struct LmEvalLine {
  LmEvalSample sample;                   // with the scores of one filter
  std::string filter;                    // "none" where the line names none
  std::vector<std::string> not_numbers;  // metrics that are a list or a text
};

// `where` is "FILE: line N", for messages. Error(kBadInput) as read_lm_eval_log.
LmEvalLine parse_lm_eval_line(std::string_view text, const std::string& where);

}  // namespace assay::harness
