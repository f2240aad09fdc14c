// Logs of lm-evaluation-harness made up for tests, in the form of the real ones.
#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

namespace assay::testing {

inline constexpr const char* kLogTime = "2026-11-23T17-02-23.872553";

inline std::string log_name(const std::string& task) {
  return fmt::format("samples_{}_{}.jsonl", task, kLogTime);
}
inline std::string results_name() {
  return fmt::format("results_{}.json", kLogTime);
}

// A question with two options; the first is right and more probable where `right`.
inline nlohmann::ordered_json likelihood_line(int doc_id, bool right = true) {
  const std::string context = fmt::format("Question {}?\nAnswer:", doc_id);
  return {{"doc_id", doc_id},
          {"doc", {{"id", fmt::format("Q{}", doc_id)}}},
          {"target", "0"},
          {"arguments",
           {{"gen_args_0", {{"arg_0", context}, {"arg_1", " yes"}}},
            {"gen_args_1", {{"arg_0", context}, {"arg_1", " no"}}}}},
          {"resps", nlohmann::ordered_json::parse(
                        fmt::format(R"([[["{}", "True"]], [["-2.5", "False"]]])", right ? "-1.5" : "-3.5"))},
          {"filter", "none"},
          {"metrics", nlohmann::ordered_json::array({"acc"})},
          {"acc", right ? 1.0 : 0.0}};
}

// An answer that a filter has read; `texts`: one an answer.
inline nlohmann::ordered_json generation_line(int doc_id, const std::string& filter,
                                              const std::vector<std::string>& texts, const std::string& target,
                                              const std::string& metric, double value) {
  nlohmann::ordered_json line = {
      {"doc_id", doc_id},
      {"doc", {{"task_id", fmt::format("HumanEval/{}", doc_id)}}},
      {"target", target},
      {"arguments",
       {{"gen_args_0",
         {{"arg_0", fmt::format("Q: {}", doc_id)}, {"arg_1", {{"until", {"Q:"}}, {"do_sample", false}}}}}}},
      {"resps", nlohmann::ordered_json::array({texts})},
      {"filter", filter},
      {"metrics", nlohmann::ordered_json::array({metric})}};
  line[metric] = value;
  return line;
}

inline std::string lines_of(const std::vector<nlohmann::ordered_json>& lines) {
  std::string text;
  for (const auto& line : lines) text += line.dump() + "\n";
  return text;
}

}  // namespace assay::testing
