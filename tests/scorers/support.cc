#include "tests/scorers/support.h"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <sstream>

#include "base/error.h"
#include "base/file.h"

namespace assay::scorers::testing {

nlohmann::json task_spec(const std::string& task, const std::string& protocol) {
  const std::string path = fmt::format("tasks/definitions/{}.toml", task);
  const toml::table file = toml::parse(read_file(path), path);
  const toml::table* spec = file["protocol"][protocol]["scorer"].as_table();
  if (spec == nullptr) fail_input("{}: no table [protocol.{}.scorer]", path, protocol);
  std::ostringstream json;
  json << toml::json_formatter(*spec);
  return nlohmann::json::parse(json.str());
}

Score score_text(const Scorer& scorer, const std::string& text, const std::string& gold, const std::string& subset) {
  datasets::Sample sample;
  sample.id = "made/0";
  sample.subset = subset;
  engine::Response response;
  response.body = engine::GenerateResponse{text, {}, engine::FinishReason::kStop};
  return scorer.score(sample, {{}, gold}, engine::GenerateRequest{}, response);
}

Score score_options(const Scorer& scorer, const std::vector<std::string>& options, const std::vector<double>& logprobs,
                    const std::vector<int>& gold, const std::string& subset) {
  datasets::Sample sample;
  sample.id = "made/0";
  sample.subset = subset;
  engine::LogLikelihoodRequest request;
  for (const std::string& option : options) request.continuations.push_back(" " + option);
  engine::Response response;
  response.body = engine::LogLikelihoodResponse{logprobs, std::vector<bool>(logprobs.size(), false)};
  return scorer.score(sample, {gold, ""}, request, response);
}

std::vector<nlohmann::json> json_lines(const std::filesystem::path& file) {
  std::vector<nlohmann::json> rows;
  const std::string text = read_text_file(file);
  for (const std::string_view line : split_lines(text)) rows.push_back(nlohmann::json::parse(line));
  return rows;
}

}  // namespace assay::scorers::testing
