// Scorers cannot be constant: for every task, in every metric, the right answers give 1, wrong ones 0, and right ones
// for every second sample exactly ceil(n/2)/n - through files of answers, the store and the metrics.
#include <gtest/gtest.h>

#include <fstream>
#include <iostream>

#include "tests/harness/assay.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using nlohmann::json;

struct Form {
  std::string task;
  std::string protocol;
};

// The number of an answer to GSM8K, plus one.
std::string plus_one(std::string number) {
  std::string digits;
  for (char c : number) {
    if (c != ',') digits += c;
  }
  return std::to_string(std::stoll(digits) + 1);
}

// The gold answer in the task's own form, or a wrong one in the same form.
json answer_to(const Form& form, const json& prompt, bool right) {
  json line{{"id", prompt.at("id")}};
  if (prompt.at("request") == "loglikelihood") {
    const size_t options = prompt.at("continuations").size();
    std::vector<double> logprobs(options, -1.0);
    const size_t gold = prompt.at("gold").at(0);
    logprobs[right ? gold : (gold + 1) % options] = 0;
    line["logprobs"] = logprobs;
    return line;
  }
  std::string gold = prompt.at("gold");
  if (form.task == "agieval_en") {
    line["text"] = right ? gold : "$98765$";
    return line;
  }
  const size_t mark = gold.rfind("#### ");
  if (mark != std::string::npos) gold = gold.substr(mark + 5);
  const std::string number = right ? gold : plus_one(gold);
  line["text"] = form.task == "gsm8k" && form.protocol == "lm_eval" ? "So it is.\n#### " + number
                                                                    : "So it is. The answer is " + number + ".";
  return line;
}

void expect_metrics(const json& run, double expected, const std::string& what) {
  ASSERT_FALSE(run.at("metrics").empty()) << what;
  for (const json& metric : run.at("metrics")) {
    // Macro averages and parts of the whole weigh "every second sample" otherwise.
    if (metric.at("average") != "micro" || !metric.at("subset").is_null()) {
      if (expected != 0 && expected != 1) continue;
    }
    EXPECT_EQ(metric.at("value").get<double>(), expected) << what << " " << metric.dump();
  }
}

TEST(Answers, RightWrongAndEverySecondGiveOneZeroAndHalf) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const TemporaryFolder folder;
  size_t files = 0;
  size_t answers = 0;
  for (const Form& form : std::vector<Form>{{"mmlu", "lm_eval"},
                                            {"mmlu", "llama3"},
                                            {"arc_challenge", "lm_eval"},
                                            {"arc_challenge", "llama3"},
                                            {"arc_easy", "lm_eval"},
                                            {"agieval_en", "lm_eval"},
                                            {"agieval_en", "llama3"},
                                            {"gsm8k", "lm_eval"},
                                            {"gsm8k_cot", "lm_eval"},
                                            {"gsm8k", "llama3"}}) {
    SCOPED_TRACE(form.task + " " + form.protocol);
    const std::string prompts = folder / "prompts.jsonl";
    assay_ok({"tasks", "render", form.task, "--protocol", form.protocol, "--data-dir", data, "--out", prompts});
    const std::vector<json> items = read_json_lines(prompts);
    for (const std::string kind : {"right", "wrong", "second"}) {
      const std::string file = folder / (kind + ".jsonl");
      std::ofstream out(file);
      for (size_t i = 0; i < items.size(); ++i) {
        const bool right = kind == "right" || (kind == "second" && i % 2 == 0);
        out << answer_to(form, items[i], right).dump() << "\n";
      }
      out.close();
      const std::string database = folder / (form.task + form.protocol + kind + ".db");
      const Outcome outcome = assay_ok({"run", "--model", "responses:" + file, "--tasks", form.task, "--protocol",
                                        form.protocol, "--data-dir", data, "--db", database, "--json", "--quiet"});
      const json run = json::parse(outcome.out).at("runs").at(0);
      EXPECT_EQ(run.at("n"), items.size());
      const double n = static_cast<double>(items.size());
      const double half = static_cast<double>((items.size() + 1) / 2) / n;
      if (kind != "second" || form.protocol != "llama3" || form.task != "agieval_en") {
        expect_metrics(run, kind == "right" ? 1.0 : kind == "wrong" ? 0.0 : half, kind);
      }
      ++files;
      answers += items.size();
    }
  }
  std::cout << files << " files, " << answers << " answers scored\n";
  EXPECT_EQ(files, 30u);
}

}  // namespace
}  // namespace assay::testing
