// What `assay run` was asked: the options of INTERFACE.md as one value, recorded in the batch so that it can be
// resumed.
#pragma once

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace assay::harness {

class HiddenRun;

// Of an endpoint (--model https://host/v1#model); 0: the default, or no limit. A budget is that of one call.
struct EndpointRunOptions {
  int concurrency = 0;
  double request_timeout = 0;  // seconds without a byte
  int64_t max_requests = 0;
  int64_t max_cost_tokens = 0;
  double max_money = 0;
  double price_in = 0;  // of a million tokens
  double price_out = 0;
  std::string api_key_file;                                          // never recorded
  nlohmann::ordered_json fields = nlohmann::ordered_json::object();  // further fields of every request

  bool operator==(const EndpointRunOptions&) const = default;
};

struct RunOptions {
  // What is asked.
  std::string model;
  std::vector<std::string> tasks;
  std::string protocol = "lm_eval";
  std::vector<std::string> tasks_dirs;
  std::vector<std::string> data_dirs;  // where to look for benchmark data; resolved, in order
  std::optional<int> shots;
  int limit = 0;
  std::vector<std::string> subsets;
  std::optional<int> samples;  // of each generation
  int repeats = 1;             // of each question, asked the same way
  std::optional<double> temperature;
  std::optional<double> top_p;
  uint64_t seed = 0;
  std::optional<int> max_tokens;
  int stride = 0;  // of text: tasks; tokens
  std::string chat = "auto";
  std::string hidden_set;                   // of `assay preference run`: the sealed file; empty: no hidden set
  std::shared_ptr<const HiddenRun> hidden;  // the same, opened; never recorded
  std::optional<int64_t> chat_time;         // what a chat template takes for now: seconds since 1970

  // How it is computed.
  engine::EngineOptions engine;
  EndpointRunOptions endpoint;
  std::string sandbox = "full";  // full | reduced
  bool no_execute = false;       // model-written programs stay texts

  // This call alone.
  std::string name;
  std::map<std::string, std::string> tags;
  std::string resume;
  double time_limit = 0;  // seconds; 0: none
  bool dry_run = false;
  bool json = false;
  bool quiet = false;
};

// Checks what does not depend on a model or a task; Error(kUsage).
void check_options(const RunOptions& options);

// The part that a resumed batch takes from the database. Paths are made absolute, so that a batch can be resumed from
// another folder.
nlohmann::ordered_json recorded_options(const RunOptions& options);

// Puts what was recorded in place of what the command line says, but for what belongs to this call alone (time limit,
// output) and for threads, step size, memory, concurrency and budgets, which move no bit. An imported batch has no
// options: Error(kUsage); a model that is named here and is not the recorded endpoint, too.
void apply_recorded(const nlohmann::ordered_json& recorded, const std::string& batch, RunOptions& options);

}  // namespace assay::harness
