#include "harness/answer_file.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

namespace assay::harness {
namespace {

std::vector<double> read_logprobs(const nlohmann::json& value, const std::string& where) {
  if (!value.is_array() || value.empty()) fail_input("{}: logprobs must be an array of numbers", where);
  std::vector<double> logprobs;
  for (const nlohmann::json& number : value) {
    if (!number.is_number() || std::isnan(number.get<double>())) fail_input("{}: logprobs must be numbers", where);
    logprobs.push_back(number.get<double>());
  }
  return logprobs;
}

std::string read_string(const nlohmann::json& line, const char* key, const char* other_key, const std::string& where) {
  const nlohmann::json* value = line.contains(key)         ? &line.at(key)
                                : line.contains(other_key) ? &line.at(other_key)
                                                           : nullptr;
  if (value == nullptr) fail_input("{}: the field {} is missing", where, key);
  if (!value->is_string()) fail_input("{}: the field {} must be a string", where, key);
  return value->get<std::string>();
}

}  // namespace

AnswerFile::AnswerFile(const std::filesystem::path& path) : path_(path) {
  const std::string content = read_text_file(path);
  sha256_ = sha256_hex(content);
  size_t number = 0;
  for (std::string_view text : split_lines(content)) {
    ++number;
    if (python_strip(text).empty()) continue;
    const std::string where = fmt::format("{}: line {}", path.string(), number);
    const nlohmann::json line = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
    if (!line.is_object()) fail_input("{}: is not a JSON object", where);
    const std::string id = read_string(line, "id", "task_id", where);
    Answer answer{number, {}, {}};
    if (line.contains("logprobs")) {
      answer.logprobs = read_logprobs(line.at("logprobs"), where);
    } else {
      answer.text = read_string(line, "text", "completion", where);
    }
    std::vector<Answer>& of_id = answers_[id];
    if (of_id.empty()) ids_.push_back(id);
    of_id.push_back(std::move(answer));
  }
  if (ids_.empty()) fail_input("{}: has no answers", path.string());
}

size_t AnswerFile::count(const std::string& id) const {
  const auto found = answers_.find(id);
  return found == answers_.end() ? 0 : found->second.size();
}

std::optional<engine::Response> AnswerFile::answer(const std::string& id, size_t repeat,
                                                   const engine::Request& request) const {
  if (repeat >= count(id)) return std::nullopt;
  const Answer& answer = answers_.at(id)[repeat];
  const std::string where = fmt::format("{}: line {}: {}", path_.string(), answer.line, id);
  engine::Response response;
  response.prompt_tokens = -1;
  if (const auto* likelihood = std::get_if<engine::LogLikelihoodRequest>(&request)) {
    if (!answer.logprobs) fail_input("{} needs logprobs, one for each of its continuations, not a text", where);
    if (answer.logprobs->size() != likelihood->continuations.size()) {
      fail_input("{} has {} logprobs, but its continuations are {}", where, answer.logprobs->size(),
                 likelihood->continuations.size());
    }
    response.body = engine::LogLikelihoodResponse{*answer.logprobs, {}};
  } else if (std::holds_alternative<engine::GenerateRequest>(request)) {
    if (!answer.text) fail_input("{} needs a text, not logprobs", where);
    response.body = engine::GenerateResponse{*answer.text, {}, engine::FinishReason::kStop};
  } else {
    fail_input("{}: a perplexity cannot be read from a file of answers", where);
  }
  return response;
}

}  // namespace assay::harness
