// Which run of A is compared with which of B.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "store/store.h"

namespace assay::reports {

struct RunPairs {
  std::vector<std::pair<store::Run, store::Run>> pairs;  // in A's order; never empty
  std::vector<std::string> only_a;                       // tasks that the other side lacks
  std::vector<std::string> only_b;
};

// `a` and `b` as INTERFACE.md's RUN: batches are paired task by task, single runs whatever their tasks.
// Error(kBadInput) where two batches have no task in common.
RunPairs pair_tasks(const store::Store& store, const std::string& a, const std::string& b);

}  // namespace assay::reports
