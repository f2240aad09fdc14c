// A run as lines of `export` (INTERFACE.md, "A line of `export`"), and what `show --json` prints.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "store/store.h"

namespace assay::store {

struct ExportOptions {
  bool stable = false;  // leave out what differs between two runs of the same thing: run, cpu_ms, wall_ms, and
                        // the error of an execution, which may hold addresses and times
  bool csv = false;     // one row a sample; a header with one column a score and a column an extraction
  // Prompts are not in the database: where set, it supplies the text for the key "prompt". One whose hash is not the
  // recorded one: Error(kBadInput), for data or task changed since the run.
  std::function<std::string(const RunInfo&, const StoredSample&)> prompt;
};

// Writes the answered samples of the runs, ordered by task, subset, index, sample; returns how many. The same content
// gives the same bytes. Numbers read back to the same double. What is not known of an answer from elsewhere
// (prompt_tokens, greedy, finish, tokens) is left out; "truncated":true stands behind prompt_tokens where the left end
// was cut. A stream that fails: Error(kIo).
size_t export_runs(const Store& store, std::vector<RunInfo> runs, std::ostream& out, const ExportOptions& options = {});

// One line, without the newline.
std::string export_line(const RunInfo& run, const StoredSample& sample, const ExportOptions& options = {});

// INTERFACE.md, "show RUN --json".
Json show_json(const Run& run);
Json metrics_to_json(const std::vector<scorers::Metric>& metrics);
// Error(kBadInput) for anything else than what metrics_to_json makes; `where` names it.
std::vector<scorers::Metric> metrics_from_json(const Json& json, const std::string& where);

// The shortest decimal that reads back to the same double; "-0.0" keeps its sign. Not for infinities and NaN.
std::string format_double(double value);

}  // namespace assay::store
