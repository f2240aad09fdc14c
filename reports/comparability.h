// May two runs be compared? They may where both were asked the same and scored alike; whatever model and machine did
// with it is what the comparison is about.
#pragma once

#include <string>
#include <vector>

#include "reports/manifest_fields.h"
#include "reports/pairing.h"

namespace assay::reports {

struct Obstacle {
  std::string field;   // as --allow takes it: "shots", "decoding.max_tokens"
  std::string says;    // "asked.shots is 5 and 0"
  std::string advice;  // "run both with the same --shots"
};

struct Comparability {
  std::vector<Obstacle> obstacles;       // in the way
  std::vector<Obstacle> allowed;         // would be, but for --allow
  std::vector<FieldDifference> unknown;  // one side cannot know: printed, not in the way
  std::vector<FieldDifference> facts;    // of model and machine, that differ
};

struct ComparabilityOptions {
  std::vector<std::string> allow;  // fields by name: "shots", "asked.shots"; a name stands for what lies below it
  // Samples of B that are not answered yet are no obstacle (a gate that is asked while the run goes on).
  bool unfinished_candidate = false;
};

// Error(kUsage) for a name that blocks nothing, with the nearest that does.
void check_allow(const std::vector<std::string>& allow);

Comparability check_comparable(const store::Run& a, const store::Run& b, const Pairing& pairing,
                               const ComparabilityOptions& options);

// Error(kBadInput), one sentence with every obstacle, both values and the way out, where there is one; and where the
// runs have no scored sample in common.
void require_comparable(const store::Run& a, const store::Run& b, const Pairing& pairing,
                        const Comparability& comparability);

}  // namespace assay::reports
