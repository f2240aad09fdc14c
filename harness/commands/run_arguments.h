// Options that commands which compute answers share: `assay run`, `assay watch`, `assay preference run`.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "harness/run_options.h"

namespace assay::harness {

struct RunArguments {
  RunOptions run;
  std::optional<std::string> data_dir;
  std::vector<std::string> tags;
  std::vector<std::string> fields;  // KEY=JSON, of requests to an endpoint
};

// --model.
void add_model(CLI::App& command, RunArguments& arguments);
// --tasks, --protocol and the rest of what is asked, with add_decoding().
void add_what_is_asked(CLI::App& command, RunArguments& arguments);
// --temperature, --top-p, --seed, --max-tokens, --chat, --bos, --tokenizer.
void add_decoding(CLI::App& command, RunArguments& arguments);
void add_how_it_is_computed(CLI::App& command, RunArguments& arguments);
// --sandbox, --no-execute.
void add_execution(CLI::App& command, RunArguments& arguments);
void add_endpoint(CLI::App& command, RunArguments& arguments);
void add_this_call(CLI::App& command, RunArguments& arguments);

// KEY=JSON each, as one object; what is no JSON is a text. Error(kUsage).
nlohmann::ordered_json parse_fields(const std::vector<std::string>& fields);

// KEY=VALUE each; Error(kUsage).
std::map<std::string, std::string> parse_tags(const std::vector<std::string>& tags);

}  // namespace assay::harness
