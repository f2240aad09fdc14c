// A task file, parsed and checked. The keys and what they mean: docs/adding-a-task.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "datasets/format.h"
#include "tasks/template.h"

namespace assay::tasks {

// The files of one split, below a data folder.
struct SplitFiles {
  std::vector<std::string> paths;  // patterns over {subset}; alternatives, the first that exists is read
  datasets::Layout layout = datasets::Layout::kJsonl;
};

enum class ShotRule {
  kFirst,         // the first rows of the split, the same for every item
  kPythonRandom,  // PROTOCOLS.md §1.6: drawn anew for every item
};

struct Shots {
  std::string split;  // empty: the protocol shows no examples
  int count = 0;
  std::map<std::string, int> counts;  // of subsets that differ
  ShotRule rule = ShotRule::kFirst;
  uint64_t seed = 0;
  int only_options = 0;  // use only rows with so many options; 0: all
  std::string subset;    // take the examples of this subset; empty: of the item's own
};

// What the items of a subset are asked under one protocol.
struct Ask {
  bool generate = false;
  bool dialogue = false;  // a generation asked in turns (tasks/dialogue.h) instead of one text
  int only_options = 0;   // ask only items with so many options; 0: all
  Template head;          // of a dialogue: the system message
  Template item;          // of a dialogue: a user's message, in examples too
  Template shot;          // of a dialogue: the assistant's message of an example
  Template begun;         // of a dialogue: how the answer begins; empty: nothing is begun
  Shots shots;
  Template continuation;  // likelihood: rendered once for each option
  Template gold;          // generation: the reference text
  std::vector<std::string> stops;
  bool stop_at_end_text = false;
  int max_tokens = 0;
};

struct ProtocolDefinition {
  std::string name;
  Ask ask;
  std::map<std::string, Ask> exceptions;  // by subset
  nlohmann::json scorer;                  // RenderedTask::scorer
  nlohmann::json average;                 // RenderedTask::average
  std::vector<std::string> averaged_subsets;

  const Ask& of(const std::string& subset) const {
    const auto found = exceptions.find(subset);
    return found == exceptions.end() ? ask : found->second;
  }
};

struct Definition {
  std::string name;
  std::string version;
  std::string description;
  std::filesystem::path folder;             // of the task's file; empty: built in
  std::vector<std::string> subsets;         // sorted; one empty name where the task has no subsets
  std::map<std::string, SplitFiles> files;  // by split; "test" is the one that is asked
  datasets::Format format;
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  std::vector<ProtocolDefinition> protocols;  // in the file's order
};

// `file` names the text in messages. Error(kBadInput) names file, line and key.
Definition parse_definition(std::string_view text, const std::string& file);

}  // namespace assay::tasks
