// What became of the programs of a run, counted.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/store.h"

namespace assay::reports {

struct Executions {
  int total = 0;
  std::map<std::string, int> outcomes;           // "passed" and so on: programs
  std::vector<std::string> fallbacks;            // ids of the items graded otherwise than strictly, each once
  std::vector<std::vector<std::string>> layers;  // the distinct lists in force; one where the sandbox never changed
};

Executions count_executions(const std::vector<store::StoredSample>& samples);

// "executed 164: 61 passed, 100 failed, 3 timeout\n" and which layers held them; empty where nothing was executed.
std::string executions_text(const Executions& executions);
store::Json executions_json(const Executions& executions);

}  // namespace assay::reports
