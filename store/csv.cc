// Export as comma-separated values (RFC 4180, lines ended by LF).
#include <set>

#include "base/text.h"
#include "store/codec.h"
#include "store/export_impl.h"

namespace assay::store {
namespace {

std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  return '"' + replace_all(text, "\"", "\"\"") + '"';
}

// Names of scores and extractions over all samples: a column each, empty where a sample has none. The columns of an
// execution are there where any sample has one.
struct Columns {
  std::set<std::string> scores;
  std::set<std::string> extracted;
  bool execution = false;

  void add(const StoredSample& sample) {
    if (!sample.score) return;
    for (const auto& [name, value] : sample.score->values) scores.insert(name);
    for (const auto& [name, text] : sample.score->extracted) extracted.insert(name);
    execution |= sample.score->execution.has_value();
  }
};

void add_body(std::vector<std::string>& row, const StoredSample& sample, const engine::LogLikelihoodResponse& body) {
  const bool predicted = sample.score && sample.score->prediction;
  row.insert(row.end(),
             {json_list(sample.plan.continuations), json_list(body.logprobs),
              body.greedy.empty() ? "" : json_list(body.greedy), "", "", "", "", json_list(sample.plan.gold.choices),
              predicted ? std::to_string(*sample.score->prediction) : ""});
}

void add_body(std::vector<std::string>& row, const StoredSample&, const engine::TextResponse& body) {
  row.insert(row.end(), {"", format_double(body.logprob), "", "", "", "", std::to_string(body.tokens), "", ""});
}

void add_body(std::vector<std::string>& row, const StoredSample& sample, const engine::GenerateResponse& body) {
  const bool known = !body.token_ids.empty();
  row.insert(row.end(), {"", "", "", sample.plan.seed ? std::to_string(*sample.plan.seed) : "", body.text,
                         known ? to_string(body.finish) : "", known ? std::to_string(body.token_ids.size()) : "",
                         sample.plan.gold.text, ""});
}

struct ExecutionColumn {
  const char* name;
  bool stable;
  std::string (*cell)(const scorers::Execution& execution);
};

constexpr ExecutionColumn kExecutionColumns[] = {
    {"code_sha256", true, [](const scorers::Execution& e) { return e.code_sha256; }},
    {"execution:outcome", true, [](const scorers::Execution& e) { return e.outcome; }},
    {"execution:grading", true, [](const scorers::Execution& e) { return e.grading; }},
    {"execution:cpu_ms", false, [](const scorers::Execution& e) { return format_double(e.cpu_ms); }},
    {"execution:wall_ms", false, [](const scorers::Execution& e) { return format_double(e.wall_ms); }},
    {"execution:limits", true, [](const scorers::Execution& e) { return json_list(e.layers); }},
    {"execution:error", false, [](const scorers::Execution& e) { return e.error; }},
};

std::vector<std::string> header(const Columns& columns, const ExportOptions& options) {
  std::vector<std::string> row;
  if (!options.stable) row.emplace_back("run");
  row.insert(row.end(), {"task", "protocol", "subset", "index", "id", "request", "prompt_sha256"});
  if (options.prompt) row.emplace_back("prompt");
  row.insert(row.end(), {"prompt_tokens", "truncated", "sample", "continuations", "logprobs", "greedy", "seed", "text",
                         "finish", "tokens", "gold", "prediction"});
  for (const std::string& name : columns.extracted) row.push_back("extracted:" + name);
  for (const ExecutionColumn& column : kExecutionColumns) {
    if (columns.execution && (column.stable || !options.stable)) row.emplace_back(column.name);
  }
  for (const std::string& name : columns.scores) row.push_back("score:" + name);
  return row;
}

std::vector<std::string> values(const RunInfo& run, const StoredSample& sample, const Columns& columns,
                                const ExportOptions& options) {
  const PlannedSample& plan = sample.plan;
  const engine::Response& response = *sample.response;
  std::vector<std::string> row;
  if (!options.stable) row.push_back(std::to_string(run.number));
  row.insert(row.end(), {run.task, run.protocol, plan.subset, std::to_string(plan.index), plan.id, to_string(plan.kind),
                         plan.prompt_sha256});
  if (options.prompt) row.push_back(checked_prompt(run, sample, options));
  row.push_back(response.prompt_tokens >= 0 ? std::to_string(response.prompt_tokens) : "");
  row.emplace_back(response.truncated ? "true" : "false");
  row.push_back(std::to_string(plan.sample));
  std::visit([&](const auto& body) { add_body(row, sample, body); }, response.body);
  const scorers::Score score = sample.score.value_or(scorers::Score{});
  for (const std::string& name : columns.extracted) {
    const auto found = score.extracted.find(name);
    row.push_back(found == score.extracted.end() ? "" : found->second);
  }
  for (const ExecutionColumn& column : kExecutionColumns) {
    if (!columns.execution || (options.stable && !column.stable)) continue;
    row.push_back(score.execution ? column.cell(*score.execution) : "");
  }
  for (const std::string& name : columns.scores) {
    const auto found = score.values.find(name);
    row.push_back(found == score.values.end() ? "" : format_double(found->second));
  }
  return row;
}

void write_row(std::ostream& out, const std::vector<std::string>& row) {
  const char* separator = "";
  for (const std::string& text : row) {
    out << separator << field(text);
    separator = ",";
  }
  out << '\n';
}

}  // namespace

size_t export_csv(const Store& store, const std::vector<RunInfo>& runs, std::ostream& out,
                  const ExportOptions& options) {
  Columns columns;
  std::vector<std::vector<StoredSample>> samples;
  for (const RunInfo& run : runs) {
    for (const StoredSample& sample : samples.emplace_back(answered_samples(store, run))) columns.add(sample);
  }
  write_row(out, header(columns, options));
  size_t lines = 0;
  for (size_t i = 0; i < runs.size(); ++i) {
    for (const StoredSample& sample : samples[i]) {
      write_row(out, values(runs[i], sample, columns, options));
      ++lines;
    }
  }
  return lines;
}

}  // namespace assay::store
