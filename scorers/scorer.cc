#include "scorers/scorer.h"

#include <algorithm>

#include "base/error.h"
#include "scorers/agieval_letters.h"
#include "scorers/agieval_math.h"
#include "scorers/code.h"
#include "scorers/exact_match.h"
#include "scorers/gsm8k_llama3.h"
#include "scorers/multiple_choice.h"
#include "scorers/people.h"
#include "scorers/perplexity.h"
#include "scorers/rule.h"
#include "scorers/spec_reader.h"

namespace assay::scorers {
namespace {

struct Kind {
  const char* name;
  Rule (*make)(SpecReader& spec);
};

// A new kind of answer is one file and one line here.
constexpr Kind kKinds[] = {
    {"multiple_choice", multiple_choice_rule}, {"exact_match", exact_match_rule},
    {"gsm8k_llama3", gsm8k_llama3_rule},       {"agieval_math", agieval_math_rule},
    {"agieval_letters", agieval_letters_rule}, {"code", code_rule},
    {"perplexity", perplexity_rule},           {"people", people_rule},
};

Rule make_rule(SpecReader& spec) {
  const std::string kind = spec.text("kind");
  std::vector<std::string> known;
  for (const Kind& candidate : kKinds) {
    if (kind == candidate.name) return candidate.make(spec);
    known.emplace_back(candidate.name);
  }
  spec.unknown_value("kind", kind, known);
}

bool same_score(const Scorer::ScoreName& a, const Scorer::ScoreName& b) {
  return a.score == b.score && a.metric == b.metric && a.filter == b.filter;
}

void add_names(std::vector<Scorer::ScoreName>& names, const std::vector<Scorer::ScoreName>& more) {
  for (const Scorer::ScoreName& name : more) {
    if (std::none_of(names.begin(), names.end(), [&](const auto& known) { return same_score(known, name); })) {
      names.push_back(name);
    }
  }
}

}  // namespace

struct Scorer::Impl {
  Rule rule;
  std::map<std::string, Rule> subsets;  // rules of the subsets that have their own
  std::string version;
  std::vector<ScoreName> names;
  bool needs_execution = false;

  const Rule& rule_of(const datasets::Sample& sample) const {
    const auto own = subsets.find(sample.subset);
    return own == subsets.end() ? rule : own->second;
  }
};

Scorer Scorer::from_spec(const nlohmann::json& spec, const std::string& where) {
  auto impl = std::make_shared<Impl>();
  SpecReader reader(spec, where);
  impl->rule = make_rule(reader);
  impl->version = impl->rule.version;
  impl->names = impl->rule.names;
  impl->needs_execution = impl->rule.program != nullptr;
  for (auto& [subset, table] : reader.named_tables("subsets")) {
    Rule rule = make_rule(table);
    table.finish();
    impl->version += fmt::format(", {}: {}", subset, rule.version);
    add_names(impl->names, rule.names);
    impl->needs_execution |= rule.program != nullptr;
    impl->subsets.emplace(subset, std::move(rule));
  }
  reader.finish();
  return Scorer(std::move(impl));
}

std::string Scorer::version() const {
  return impl_->version;
}
const std::vector<Scorer::ScoreName>& Scorer::names() const {
  return impl_->names;
}
bool Scorer::needs_execution() const {
  return impl_->needs_execution;
}

Score Scorer::score(const datasets::Sample& sample, const datasets::Gold& gold, const engine::Request& request,
                    const engine::Response& response) const {
  return impl_->rule_of(sample).judge({sample, gold, request, response});
}

std::optional<sandbox::GradeJob> Scorer::program(const datasets::Sample& sample, const datasets::Gold& gold,
                                                 const engine::Request& request,
                                                 const engine::Response& response) const {
  const Rule& rule = impl_->rule_of(sample);
  if (rule.program == nullptr) return std::nullopt;
  return rule.program({sample, gold, request, response});
}

Score Scorer::score(const sandbox::GradeJob& program, const sandbox::Grade& grade) const {
  return score_grade(program, grade);
}

}  // namespace assay::scorers
