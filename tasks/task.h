// Tasks: benchmarks as data. A task is one TOML file; what it asks under a protocol is rendered here into requests.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "datasets/sample.h"
#include "engine/request.h"

namespace assay::tasks {

struct Definition;

struct Task {
  std::string name;
  std::string version;                           // raised with every change of the file
  std::string description;                       // one line
  std::string origin;                            // path of the file, or "built in"
  std::string text;                              // of the file
  std::string sha256;                            // of `text`
  std::vector<std::string> protocols;            // those it has, in the file's order
  std::shared_ptr<const Definition> definition;  // parsed; for the renderer
};

struct RenderOptions {
  std::string protocol = "lm_eval";
  std::optional<int> shots;          // default: the protocol's
  int limit = 0;                     // first N samples of every subset; 0: all
  std::vector<std::string> subsets;  // empty: all
  std::optional<int> max_tokens;     // of a generation; default: the protocol's
};

struct Item {
  datasets::Sample sample;
  datasets::Gold gold;
  engine::Request request;
};

struct RenderedTask {
  std::string task;
  std::string version;
  std::string protocol;
  int shots = 0;  // the most that any subset has (llama3's agieval_en differs by subset)
  std::string definition_sha256;
  std::string data_sha256;  // over the data files that were read, with their names
  // How answers are scored and averaged: the TOML table [protocol.NAME.scorer] as JSON; scorers/scorer.h reads it.
  // Where some subsets are scored otherwise, the table holds "subsets": {NAME: their whole table}.
  nlohmann::json scorer;
  // The table [protocol.NAME.average] without its "subsets": {"headline": "micro" | "macro",
  // "group_stderr": "pooled" | "samples"}; scorers/metrics.h, Averaging.
  nlohmann::json average;
  // Named groups of subsets (MMLU's four); reported beside the whole.
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  // Subsets that count in the headline average; empty: all (llama3's agieval_en leaves two out).
  std::vector<std::string> averaged_subsets;
  std::vector<Item> items;  // ordered by subset, index
};

// The built-in tasks and those of `tasks_dirs` (each *.toml; a name that exists already replaces the built-in one).
// Immutable after loading.
class Registry {
 public:
  explicit Registry(const std::vector<std::filesystem::path>& tasks_dirs = {});
  const std::vector<Task>& tasks() const { return tasks_; }
  // Error(kUsage) with the nearest known name.
  const Task& find(const std::string& name) const;
  // Names and groups (launch_base, ...; INTERFACE.md) to task names, in order, without repeats; "text:FILE" stays as it
  // is. Error(kUsage) as find(), and for a group that is asked under another protocol alone.
  std::vector<std::string> resolve(const std::vector<std::string>& names, const std::string& protocol) const;

 private:
  std::vector<Task> tasks_;
};

// The protocol that is meant where none is said: the one under which a group among `names` is asked alone
// (launch_instruct: llama3_instruct); none where the names imply nothing.
std::optional<std::string> implied_protocol(const std::vector<std::string>& names);

// Reads and checks one task file; Error(kBadInput) names the key and suggests the nearest right one.
Task load_task(const std::filesystem::path& file);

// RenderedTask::scorer of a protocol that the task has, without rendering: for `assay tasks check`.
nlohmann::json scorer_table(const Task& task, const std::string& protocol);

// Every request of a task. That of a dialogue has its turns and, as long as no chat template has written them, their
// text: in the Llama 3 format under llama3_instruct, else without any markup (tasks/dialogue.h). `data_dirs` are
// searched in order, after the folder of the task's own file. Errors: kUsage where the task lacks the protocol (naming
// those it has) or a subset is unknown, kUnavailable where no folder has the data (naming those searched), kBadInput
// for malformed data (file and line). kUsage too where more shots are asked for than there are.
RenderedTask render(const Task& task, const RenderOptions& options,
                    const std::vector<std::filesystem::path>& data_dirs);

// `text:FILE`: the whole file as one TextRequest, for perplexity and bits per byte. The task is named
// "text:<file name>". Error(kIo) where it cannot be read, kBadInput where it is empty or not UTF-8.
RenderedTask render_text_file(const std::filesystem::path& path, int stride);

}  // namespace assay::tasks
