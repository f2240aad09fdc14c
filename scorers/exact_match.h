// kind = "exact_match": lm-evaluation-harness's regex filters and exact_match (PROTOCOLS.md §1.4). Each filter is a
// score and a metric of its own.
//
// Keys: filters = a list of {name, regex, group_select = 0, on_no_match = "[invalid]"}; ignore_case,
// ignore_punctuation = false; regexes_to_ignore = [] (in order). A filter without a regex takes the whole text,
// stripped. Expressions are PCRE2 with ASCII classes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/regex.h"
#include "scorers/rule.h"
#include "scorers/spec_reader.h"

namespace assay::scorers {

struct MatchRules {
  std::vector<Regex> regexes_to_ignore;
  bool ignore_case = false;
  bool ignore_punctuation = false;
};

// Python's re.findall(regex, text)[group_select], where a tuple of several groups stands for its first non-empty one,
// stripped; `on_no_match` where there is no such match or all groups of the tuple are empty.
std::string extract(const Regex& regex, int group_select, const std::string& on_no_match, std::string_view text);

// Equal after `rules` were applied to both sides.
bool exact_match(std::string_view prediction, std::string_view reference, const MatchRules& rules);

Rule exact_match_rule(SpecReader& spec);

}  // namespace assay::scorers
