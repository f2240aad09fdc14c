// A round as a command asks for it: begun, or continued where its name is known.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/rating/assign.h"
#include "harness/rating/material.h"

namespace assay::harness {

struct RoundRequest {
  std::string name;
  std::vector<std::string> runs;  // as RUN is written; empty: those of the round that is continued
  std::vector<std::string> categories;
  // What was said; the rest is AssignRules' own, or as the round has it.
  std::optional<int> overlap, items;
  std::optional<double> repeats, gold;
  std::optional<uint64_t> seed;
  std::optional<int64_t> lease_s;
};

struct OpenedRound {
  store::Round round;
  AssignRules rules;
  Material material;
  bool begun = false;   // now
  size_t left_out = 0;  // prompts of a round that begins which not every run has answered
};

// Pairs of all runs with one another, for every prompt that all of them have answered. Error(kUsage): another set,
// other runs or other options than the round has; fewer than two runs; nothing to rate; an option beyond its limits.
OpenedRound open_round(const std::filesystem::path& database, const RoundRequest& request,
                       const datasets::OpenedSet& set);

// Recorded options and back.
store::Json to_json(const AssignRules& rules);
AssignRules rules_of(const store::Round& round);

// One name a line; empty lines and those that begin with '#' are left out. Error(kUsage) for a name that is there twice
// or none at all.
std::vector<std::string> read_raters(const std::filesystem::path& file);

}  // namespace assay::harness
