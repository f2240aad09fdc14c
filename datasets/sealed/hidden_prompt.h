// A prompt of a hidden set, in the clear: what people are asked to rate answers to. Plain values.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace assay::datasets {

struct HiddenPrompt {
  std::string id;  // "closed-qa-017"; letters, digits, '-', '_' and '.'; it stands in the clear beside the sealed text
  std::string category;    // "closed_qa"
  std::string difficulty;  // easy | medium | hard
  std::string language;    // ISO 639-1: "en"
  std::vector<std::string> tags;
  std::string prompt;  // UTF-8
  std::string note;    // for raters: what a good answer has; empty: none

  bool operator==(const HiddenPrompt&) const = default;
};

// One JSON object with the fields above in their order, without line breaks: what is sealed, and what a commitment
// stands for.
std::string to_json_line(const HiddenPrompt& prompt);

// The inverse. Error(kBadInput) with `where` and the field: one that is missing, unknown, of another type or empty, an
// id with other letters, a difficulty or language of another form.
HiddenPrompt parse_hidden_prompt(std::string_view line, const std::string& where);

// A file of such lines (JSON Lines). Error(kBadInput) naming file and line; an id that is there twice too.
std::vector<HiddenPrompt> read_hidden_prompts(const std::vector<std::filesystem::path>& files);

}  // namespace assay::datasets
