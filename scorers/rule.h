// One kind of scorer inside this room: what it is called and the pure function that judges a response. Each kind has a
// file of its own with a maker `Rule xxx_rule(SpecReader&)`; scorer.cc holds the table of kinds.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sandbox/jail.h"
#include "scorers/scorer.h"

namespace assay::scorers {

// Everything that a verdict may depend on. References into the caller's values.
struct Answer {
  const datasets::Sample& sample;
  const datasets::Gold& gold;
  const engine::Request& request;
  const engine::Response& response;
};

struct Rule {
  std::string version;  // "exact_match/1": raised with every change of what a response scores
  std::vector<Scorer::ScoreName> names;
  // Thread-safe. Of a rule that needs an execution `judge` gives what there is without one, and `program` what to
  // execute.
  std::function<Score(const Answer&)> judge;
  std::function<sandbox::GradeJob(const Answer&)> program;
};

// The request and response of the kind that a rule needs; another kind: Error(kBadInput) with the sample's id.
const engine::GenerateResponse& generated(const Answer& answer);
const engine::LogLikelihoodRequest& asked_options(const Answer& answer);
const engine::LogLikelihoodResponse& weighed_options(const Answer& answer);
const engine::TextRequest& asked_text(const Answer& answer);
const engine::TextResponse& weighed_text(const Answer& answer);

}  // namespace assay::scorers
