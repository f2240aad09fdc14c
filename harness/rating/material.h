// What raters are shown: prompts and responses of a hidden set, opened in memory for as long as the server runs.
// Immutable once made, so thread-safe.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/preference/hidden_text.h"
#include "store/rating.h"

namespace assay::harness {

struct ShownPrompt {
  std::string category;
  std::string text;
  std::string note;  // what a good answer has; empty: none
};

struct Material {
  std::map<std::string, ShownPrompt> prompts;                 // by id
  std::vector<std::map<std::string, std::string>> responses;  // of each run of the round, by the prompt's id

  // Prompts of these categories (empty: all) that every run has answered, in the order of the set; `left_out`: how many
  // have not been.
  std::vector<std::string> answered(const datasets::OpenedSet& set, const std::vector<std::string>& categories,
                                    size_t& left_out) const;
};

// Error(kUsage) for a run of another task or set.
Material open_material(const store::Store& database, const std::vector<store::RunInfo>& runs,
                       const datasets::OpenedSet& set);

// Where a rater's comment is sealed (HiddenTexts).
std::string comment_place(const std::string& round_uid, int64_t assignment);

}  // namespace assay::harness
