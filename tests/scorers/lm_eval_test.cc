// The scores and averages of golden/lm_eval, recomputed from its own log-probabilities and texts: what our scorers make
// of lm-evaluation-harness's responses must be what it made of them.
#include <cmath>
#include <iostream>

#include "base/file.h"
#include "scorers/metrics.h"
#include "tests/scorers/support.h"
#include "tests/support/golden.h"

namespace assay::scorers::testing {
namespace {

struct GoldenFile {
  const char* name;
  nlohmann::json spec;
  int samples;
};

Score score_row(const Scorer& scorer, const nlohmann::json& row) {
  if (row.contains("text")) return score_text(scorer, row["text"], row["gold"]);
  std::vector<std::string> options;
  for (const std::string continuation : row["continuations"]) options.push_back(continuation.substr(1));
  const auto gold = row["gold"].is_array() ? row["gold"].get<std::vector<int>>() : std::vector<int>{row["gold"]};
  return score_options(scorer, options, row["logprobs"], gold);
}

// lm-eval's value of a score: "acc" beside the log-probabilities, "exact_match,strict-match" under "metrics".
double golden_score(const nlohmann::json& row, const Scorer::ScoreName& name) {
  if (!row.contains("metrics")) return row.at(name.metric);
  return row["metrics"].at(name.metric + "," + (name.filter.empty() ? "none" : name.filter));
}

// "acc", "acc_stderr"; "exact_match,strict-match", "exact_match,strict-match_stderr".
std::string golden_metric(const Metric& metric, bool generated) {
  if (!generated) return metric.name;
  return metric.name + "," + (metric.filter.empty() ? "none" : metric.filter);
}

void compare_averages(const std::vector<Metric>& metrics, const nlohmann::json& golden, bool generated, int& compared) {
  for (const Metric& metric : metrics) {
    if (metric.subset.empty()) continue;
    const nlohmann::json& subset = golden.at(metric.subset);
    const std::string name = golden_metric(metric, generated);
    EXPECT_EQ(metric.n, subset.at("n")) << metric.subset;
    EXPECT_NEAR(metric.value, subset.at(name), 1e-12) << metric.subset << " " << name;
    EXPECT_NEAR(metric.stderr_, subset.at(name + "_stderr"), 1e-12) << metric.subset << " " << name;
    ++compared;
  }
}

TEST(LmEval, ScoresAndAverages) {
  ASSAY_REQUIRE_SHARED(folder, "golden/lm_eval");
  const GoldenFile files[] = {
      {"mmlu", task_spec("mmlu", "lm_eval"), 168},
      {"arc_challenge_0shot", task_spec("arc_challenge", "lm_eval"), 600},
      {"arc_challenge_25shot", task_spec("arc_challenge", "lm_eval"), 60},
      {"agieval_en", task_spec("agieval_en", "lm_eval"), 120},
      {"agieval_math", {{"kind", "agieval_math"}}, 30},
      {"gsm8k_cot", task_spec("gsm8k_cot", "lm_eval"), 40},
      {"gsm8k_cot_llama_chat", task_spec("gsm8k_cot_llama", "lm_eval"), 16},
      {"arc_challenge_chat", task_spec("arc_challenge_chat", "lm_eval"), 40},
  };
  const nlohmann::json results = nlohmann::json::parse(read_file(folder / "results.json"));
  for (const GoldenFile& file : files) {
    const Scorer scorer = Scorer::from_spec(file.spec, file.name);
    std::vector<ScoredSample> samples;
    int scores = 0;
    bool generated = false;
    for (const nlohmann::json& row : json_lines(folder / (std::string(file.name) + ".jsonl.gz"))) {
      generated = row.contains("text");
      const Score score = score_row(scorer, row);
      for (const Scorer::ScoreName& name : scorer.names()) {
        EXPECT_EQ(score.values.at(name.score), golden_score(row, name)) << file.name << " " << row["doc_id"];
        if (!name.filter.empty()) {
          EXPECT_EQ(score.extracted.at(name.filter), row["filters"].at(name.filter));
        }
        ++scores;
      }
      samples.push_back({row["task"], "", score.values});
    }
    int averages = 0;
    const std::vector<Metric> metrics = aggregate(scorer.names(), samples, {});
    compare_averages(metrics, results["jobs"][file.name]["aggregates_over_this_file"], generated, averages);
    std::cout << file.name << ": " << samples.size() << " samples, " << scores << " scores and " << averages
              << " subset averages equal\n";
    EXPECT_EQ(samples.size(), static_cast<size_t>(file.samples)) << file.name;
    EXPECT_GT(averages, 0) << file.name;
  }
}

}  // namespace
}  // namespace assay::scorers::testing
