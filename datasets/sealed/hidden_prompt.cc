#include "datasets/sealed/hidden_prompt.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

namespace assay::datasets {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kLongestId = 100;
const std::vector<std::string> kPromptFields = {"id", "category", "difficulty", "language", "tags", "prompt", "note"};

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= kLongestId && std::all_of(id.begin(), id.end(), [](char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

std::string text_field(const Json& json, const char* field, const std::string& where) {
  const auto found = json.find(field);
  if (found == json.end()) fail_input("{}: field {} is missing", where, field);
  if (!found->is_string()) fail_input("{}: field {} is no text", where, field);
  return found->get<std::string>();
}

std::vector<std::string> tags_of(const Json& json, const std::string& where) {
  const auto found = json.find("tags");
  std::vector<std::string> tags;
  if (found == json.end()) return tags;
  if (!found->is_array()) fail_input("{}: field tags is no list of texts", where);
  for (const Json& tag : *found) {
    if (!tag.is_string()) fail_input("{}: field tags is no list of texts", where);
    tags.push_back(tag.get<std::string>());
  }
  return tags;
}

void check_prompt(const HiddenPrompt& prompt, const std::string& where) {
  if (!is_id(prompt.id)) {
    fail_input("{}: field id must have 1 to {} letters, digits, '-', '_' and '.'", where, kLongestId);
  }
  if (prompt.category.empty() || !is_id(prompt.category)) fail_input("{}: field category is no name", where);
  if (prompt.difficulty != "easy" && prompt.difficulty != "medium" && prompt.difficulty != "hard") {
    fail_input("{}: field difficulty must be easy, medium or hard", where);
  }
  if (prompt.language.size() != 2 || !std::all_of(prompt.language.begin(), prompt.language.end(), is_lower)) {
    fail_input("{}: field language must be two letters of ISO 639-1, as en", where);
  }
  if (python_strip(prompt.prompt).empty()) fail_input("{}: field prompt is empty", where);
}

}  // namespace

std::string to_json_line(const HiddenPrompt& prompt) {
  const Json json = {{"id", prompt.id},
                     {"category", prompt.category},
                     {"difficulty", prompt.difficulty},
                     {"language", prompt.language},
                     {"tags", prompt.tags},
                     {"prompt", prompt.prompt},
                     {"note", prompt.note}};
  return json.dump();
}

HiddenPrompt parse_hidden_prompt(std::string_view line, const std::string& where) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) fail_input("{}: is no JSON object", where);
  for (const auto& [field, value] : json.items()) {
    if (std::find(kPromptFields.begin(), kPromptFields.end(), field) == kPromptFields.end()) {
      fail_input("{}: field {} is unknown; the fields are {}", where, printable(field), join(kPromptFields, ", "));
    }
  }
  HiddenPrompt prompt;
  prompt.id = text_field(json, "id", where);
  prompt.category = text_field(json, "category", where);
  prompt.difficulty = text_field(json, "difficulty", where);
  prompt.language = text_field(json, "language", where);
  prompt.tags = tags_of(json, where);
  prompt.prompt = text_field(json, "prompt", where);
  if (json.contains("note")) prompt.note = text_field(json, "note", where);
  check_prompt(prompt, where);
  return prompt;
}

std::vector<HiddenPrompt> read_hidden_prompts(const std::vector<std::filesystem::path>& files) {
  std::vector<HiddenPrompt> prompts;
  std::set<std::string> ids;
  for (const std::filesystem::path& file : files) {
    const std::string text = read_file(file);
    int number = 0;
    for (const std::string_view line : split_lines(text)) {
      ++number;
      if (python_strip(line).empty()) continue;
      const std::string where = fmt::format("{}: line {}", file.string(), number);
      prompts.push_back(parse_hidden_prompt(line, where));
      if (!ids.insert(prompts.back().id).second) fail_input("{}: id {} is there twice", where, prompts.back().id);
    }
  }
  return prompts;
}

}  // namespace assay::datasets
