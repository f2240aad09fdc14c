#include "scorers/exact_match.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/text.h"

namespace assay::scorers {
namespace {

struct Filter {
  std::string name;
  std::optional<Regex> regex;
  int group_select = 0;
  std::string on_no_match;
};

// Shared by the copies of a rule; never changed after it is read.
struct MatchSpec {
  std::vector<Filter> filters;
  MatchRules rules;
};

std::string_view of(std::string_view text, const Regex::Span& span) {
  return span.matched ? text.substr(span.begin, span.end - span.begin) : std::string_view();
}

// What Python's findall makes of one match: the whole of it, its only group, or the first non-empty of several.
std::optional<std::string_view> found(std::string_view text, const Regex::Match& match) {
  if (match.size() == 1) return of(text, match[0]);
  if (match.size() == 2) return of(text, match[1]);
  for (size_t group = 1; group < match.size(); ++group) {
    if (!of(text, match[group]).empty()) return of(text, match[group]);
  }
  return std::nullopt;
}

// PROTOCOLS.md §1.4: the 32 ASCII characters of Python's string.punctuation.
bool is_punctuation(char c) {
  return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

std::string normalised(std::string_view text, const MatchRules& rules) {
  std::string kept(text);
  // PROTOCOLS.md §1.4, exact_match (1): "apply each of regexes_to_ignore in order, deleting every hit".
  for (const Regex& regex : rules.regexes_to_ignore) kept = regex.erase_all(kept);
  // PROTOCOLS.md §1.4, exact_match (2): "lower-case both".
  if (rules.ignore_case) kept = python_lower(kept);
  // PROTOCOLS.md §1.4, exact_match (3): "if ignore_punctuation, delete the 32 ASCII characters".
  if (rules.ignore_punctuation) std::erase_if(kept, is_punctuation);
  return kept;
}

Regex compiled(const SpecReader& spec, const std::string& pattern) {
  try {
    return Regex(pattern);
  } catch (const Error& error) {
    fail_input("{}: {}", spec.where(), error.what());
  }
}

Filter read_filter(SpecReader& spec) {
  Filter filter;
  filter.name = spec.text("name");
  if (spec.has("regex")) filter.regex = compiled(spec, spec.text("regex"));
  filter.group_select = spec.integer_or("group_select", 0);
  filter.on_no_match = spec.text_or("on_no_match", "[invalid]");
  spec.finish();
  return filter;
}

std::shared_ptr<const MatchSpec> read_match_spec(SpecReader& spec) {
  auto read = std::make_shared<MatchSpec>();
  for (SpecReader& table : spec.tables("filters")) {
    Filter filter = read_filter(table);
    const auto same = [&](const Filter& other) { return other.name == filter.name; };
    if (std::any_of(read->filters.begin(), read->filters.end(), same)) {
      fail_input("{}: the name {} is taken by an earlier filter; give every filter its own", table.where(),
                 filter.name);
    }
    read->filters.push_back(std::move(filter));
  }
  if (read->filters.empty()) spec.wrong("filters", "a list of at least one table such as {name = \"strip\"}");
  for (const std::string& regex : spec.texts_or("regexes_to_ignore", {})) {
    read->rules.regexes_to_ignore.push_back(compiled(spec, regex));
  }
  read->rules.ignore_case = spec.flag_or("ignore_case", false);
  read->rules.ignore_punctuation = spec.flag_or("ignore_punctuation", false);
  return read;
}

Score judge(const MatchSpec& spec, const Answer& answer) {
  const std::string& text = generated(answer).text;
  Score score;
  for (const Filter& filter : spec.filters) {
    // PROTOCOLS.md §7, mmlu: "strip; exact_match, case and punctuation ignored".
    std::string extracted = filter.regex ? extract(*filter.regex, filter.group_select, filter.on_no_match, text)
                                         : std::string(python_strip(text));
    score.values[filter.name] = exact_match(extracted, answer.gold.text, spec.rules) ? 1 : 0;
    score.extracted[filter.name] = std::move(extracted);
  }
  return score;
}

}  // namespace

std::string extract(const Regex& regex, int group_select, const std::string& on_no_match, std::string_view text) {
  // PROTOCOLS.md §1.4: "findall; element group_select (0 = first match, -1 = last)".
  const std::vector<Regex::Match> matches = regex.find_all(text);
  const auto count = static_cast<int64_t>(matches.size());
  const int64_t place = group_select < 0 ? count + group_select : group_select;
  if (place < 0 || place >= count) return on_no_match;
  // PROTOCOLS.md §1.4: "where the pattern has several groups, the first non-empty group of that match; then strip()".
  const std::optional<std::string_view> hit = found(text, matches[static_cast<size_t>(place)]);
  // PROTOCOLS.md §1.4: "No match (or all groups empty): the text [invalid]".
  return hit ? std::string(python_strip(*hit)) : on_no_match;
}

bool exact_match(std::string_view prediction, std::string_view reference, const MatchRules& rules) {
  // PROTOCOLS.md §1.4, exact_match (4): "string equality. No number is ever parsed".
  return normalised(prediction, rules) == normalised(reference, rules);
}

Rule exact_match_rule(SpecReader& spec) {
  Rule rule;
  rule.version = "exact_match/1";
  const std::shared_ptr<const MatchSpec> read = read_match_spec(spec);
  for (const Filter& filter : read->filters) rule.names.push_back({filter.name, "exact_match", filter.name});
  rule.judge = [read](const Answer& answer) { return judge(*read, answer); };
  return rule;
}

}  // namespace assay::scorers
