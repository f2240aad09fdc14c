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

nlohmann::json gsm8k_cot_llama() {
  const auto filter = [](const char* name, const char* regex) {
    return nlohmann::json{{"name", name}, {"regex", regex}, {"group_select", -1}};
  };
  return {{"kind", "exact_match"},
          {"filters",
           {filter("strict-match", R"(The final answer is ((-?[$0-9.,]{2,})|(-?[0-9]+)))"),
            filter("flexible-extract", R"((-?[$0-9.,]{2,})|(-?[0-9]+))")}},
          {"ignore_case", true},
          {"regexes_to_ignore", {",", R"(\$)", "(?s).*#### ", R"(\.$)"}}};
}

nlohmann::json best_answer_is(const std::string& filter) {
  return {{"kind", "exact_match"},
          {"filters", {{{"name", filter}}}},
          {"ignore_case", true},
          {"ignore_punctuation", true},
          {"regexes_to_ignore", {R"(\$)", R"(\.$)"}}};
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
