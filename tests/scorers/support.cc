#include "tests/scorers/support.h"

#include "base/file.h"

namespace assay::scorers::testing {

nlohmann::json gsm8k_spec(const std::string& strict_regex, int strict_select) {
  return {{"kind", "exact_match"},
          {"filters",
           {{{"name", "strict-match"}, {"regex", strict_regex}, {"group_select", strict_select}},
            {{"name", "flexible-extract"}, {"regex", R"((-?[$0-9.,]{2,})|(-?[0-9]+))"}, {"group_select", -1}}}},
          {"ignore_case", true},
          {"ignore_punctuation", false},
          {"regexes_to_ignore", {",", R"(\$)", "(?s).*#### ", R"(\.$)"}}};
}

nlohmann::json gsm8k() {
  return gsm8k_spec(R"(#### (\-?[0-9\.\,]+))", 0);
}
nlohmann::json gsm8k_cot() {
  return gsm8k_spec(R"(The answer is (\-?[0-9\.\,]+).)", 0);
}
nlohmann::json gsm8k_cot_llama() {
  return gsm8k_spec(R"(The final answer is ((-?[$0-9.,]{2,})|(-?[0-9]+)))", -1);
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
  const std::string text = read_file(file);
  for (const std::string_view line : split_lines(text)) rows.push_back(nlohmann::json::parse(line));
  return rows;
}

}  // namespace assay::scorers::testing
