// Which runs a report is about.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "store/store.h"

namespace assay::reports {

struct Selection {
  std::vector<std::string> runs;                          // each as INTERFACE.md's RUN; empty: every run
  std::vector<std::pair<std::string, std::string>> tags;  // the batch has all of them
  std::string since;                                      // the batch started then or later, UTC; empty: any time
};

// "KEY=VALUE" as --tag takes it. Error(kUsage) for anything else.
std::pair<std::string, std::string> parse_tag(const std::string& text);

// In the order of `runs`, each once, or by number where every run is meant. Never empty. Error(kUsage): a selection
// that says nothing, a date that is none ("2026-11-25" or "2026-11-25T14:03:07Z" are), nothing that fits, an empty
// database.
std::vector<store::RunInfo> select_runs(const store::Store& store, const Selection& selection);

}  // namespace assay::reports
