// Our scores in f32 against lm-evaluation-harness's, sample by sample (golden/lm_eval/README.md says how close another
// engine should come).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <map>

#include "engine/tokenizer/tokenizer.h"
#include "tests/harness/assay.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using nlohmann::json;

constexpr double kLogprobTolerance = 2e-3;
constexpr double kSureMargin = 4e-3;

struct Reference {
  std::string file;  // golden/lm_eval/<file>.jsonl.gz
  std::vector<std::string> arguments;
  size_t samples;
};

// lm-eval names AGIEval's subsets with underscores, the author's files have hyphens.
std::string our_subset(const json& row) {
  std::string subset = row.at("subset").is_null() ? "" : row.at("subset").get<std::string>();
  if (row.at("task").get<std::string>().starts_with("agieval")) std::replace(subset.begin(), subset.end(), '_', '-');
  return subset;
}

struct Tally {
  size_t samples = 0;
  double largest = 0;  // difference of a log-probability
  size_t same_texts = 0;
  size_t texts_until = 0;  // equal up to a position where the reference itself was nearly undecided
  std::map<std::string, double> ours;
  std::map<std::string, double> theirs;
};

double second_best_gap(std::vector<double> values) {
  std::sort(values.rbegin(), values.rend());
  return values[0] - values[1];
}

void compare_likelihood(const json& row, const json& line, Tally& tally) {
  const auto expected = row.at("logprobs").get<std::vector<double>>();
  const auto logprobs = line.at("logprobs").get<std::vector<double>>();
  EXPECT_EQ(line.at("continuations"), row.at("continuations"));
  ASSERT_EQ(logprobs.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    tally.largest = std::max(tally.largest, std::abs(logprobs[i] - expected[i]));
    EXPECT_NEAR(logprobs[i], expected[i], kLogprobTolerance);
  }
  if (second_best_gap(expected) > kSureMargin) {
    EXPECT_EQ(line.at("prediction").get<ptrdiff_t>(),
              std::max_element(expected.begin(), expected.end()) - expected.begin());
    EXPECT_EQ(line.at("scores").at("acc").get<double>(), row.at("acc").get<double>());
  }
  for (const char* metric : {"acc", "acc_norm"}) {
    if (!row.contains(metric)) continue;
    tally.theirs[metric] += row.at(metric).get<double>();
    tally.ours[metric] += line.at("scores").at(metric).get<double>();
  }
}

// "metric,filter" of lm-eval to the name of our score.
std::string our_score(const std::string& metric) {
  const std::string filter = metric.substr(metric.find(',') + 1);
  return filter == "none" ? metric.substr(0, metric.find(',')) : filter;
}

void compare_generation(const json& row, const json& line, const engine::Tokenizer& tokenizer, Tally& tally) {
  const std::string expected = row.at("text");
  const std::string text = line.at("text");
  const json& doubtful = row.at("first_margin_below_1e-3");
  if (doubtful.is_null() && row.at("argmax_agrees").get<bool>()) {
    EXPECT_EQ(text, expected);
    ++tally.same_texts;
  } else {
    // The first token that another correct engine may choose otherwise.
    size_t sure = row.at("generated_ids").size();
    if (!doubtful.is_null()) sure = std::min(sure, doubtful.get<size_t>());
    if (!row.at("first_disagreement").is_null()) sure = std::min(sure, row.at("first_disagreement").get<size_t>());
    auto ids = row.at("generated_ids").get<std::vector<engine::TokenId>>();
    ids.resize(sure);
    const std::string common = tokenizer.decode(ids, true).substr(0, expected.size());
    EXPECT_EQ(text.substr(0, common.size()), common);
    ++tally.texts_until;
  }
  for (const auto& [metric, value] : row.at("metrics").items()) {
    const std::string score = our_score(metric);
    if (!line.at("scores").contains(score)) continue;  // programs are executed by a later version
    tally.theirs[metric] += value.get<double>();
    tally.ours[metric] += line.at("scores").at(score).get<double>();
    if (text != expected) continue;
    EXPECT_EQ(line.at("scores").at(score).get<double>(), value.get<double>()) << metric;
    if (row.at("filters").contains(score)) {
      EXPECT_EQ(line.at("extracted").at(score), row.at("filters").at(score));
    }
  }
}

class ReferenceScores : public ::testing::TestWithParam<Reference> {};

TEST_P(ReferenceScores, EqualTheHarness) {
  ASSAY_REQUIRE_SHARED(shared, "golden/lm_eval");
  const std::filesystem::path model = shared_path("models/SmolLM2-135M-Instruct");
  const std::filesystem::path data = shared_path("datasets");
  const TemporaryFolder folder;
  const std::string database = folder / "assay.db";
  std::vector<std::string> arguments = {"run",    "--model", model, "--data-dir", data,     "--db",
                                        database, "--dtype", "f32", "--name",     "golden", "--quiet"};
  arguments.insert(arguments.end(), GetParam().arguments.begin(), GetParam().arguments.end());
  assay_ok(arguments);
  const std::string exported = folder / "export.jsonl";
  assay_ok({"export", "golden", "--db", database, "--out", exported});

  std::map<std::pair<std::string, int>, json> ours;
  for (json& line : read_json_lines(exported)) ours[{line.at("subset"), line.at("index")}] = line;
  const engine::Tokenizer tokenizer = engine::Tokenizer::from_file(model / "tokenizer.json");
  Tally tally;
  for (const json& row : read_json_lines(shared / (GetParam().file + ".jsonl.gz"))) {
    const auto key = std::make_pair(our_subset(row), row.at("doc_id").get<int>());
    SCOPED_TRACE(key.first + " " + std::to_string(key.second));
    ASSERT_TRUE(ours.contains(key));
    const json& line = ours.at(key);
    EXPECT_EQ(line.at("prompt_sha256"), row.at("prompt_sha256"));
    EXPECT_EQ(line.at("prompt_tokens"), row.at("prompt_tokens"));
    if (row.contains("logprobs")) {
      compare_likelihood(row, line, tally);
    } else {
      compare_generation(row, line, tokenizer, tally);
    }
    ++tally.samples;
  }
  EXPECT_EQ(tally.samples, GetParam().samples);
  std::cout << GetParam().file << ": " << tally.samples << " samples";
  if (tally.largest > 0) std::cout << ", largest difference of a log-probability " << tally.largest;
  if (tally.same_texts > 0) {
    std::cout << ", " << tally.same_texts << " texts equal, " << tally.texts_until << " equal up to a near tie";
  }
  for (const auto& [metric, sum] : tally.ours) {
    const double n = static_cast<double>(tally.samples);
    std::cout << "; " << metric << " ours " << sum / n << " lm-eval " << tally.theirs.at(metric) / n;
  }
  std::cout << "\n";
}

std::string golden_mmlu_subjects() {
  // The subjects with an even index in alphabetical order, but for college_mathematics (README).
  std::string subjects;
  const std::filesystem::path path = shared_path("golden/lm_eval/mmlu.jsonl.gz");
  if (path.empty()) return "anatomy";
  std::string last;
  for (const json& row : read_json_lines(path)) {
    if (row.at("subset") == last) continue;
    last = row.at("subset");
    subjects += (subjects.empty() ? "" : ",") + last;
  }
  return subjects;
}

INSTANTIATE_TEST_SUITE_P(
    Golden, ReferenceScores,
    ::testing::Values(
        Reference{"mmlu", {"--tasks", "mmlu", "--limit", "6", "--subsets", golden_mmlu_subjects()}, 168},
        Reference{"arc_challenge_0shot", {"--tasks", "arc_challenge", "--shots", "0", "--limit", "600"}, 600},
        Reference{"arc_challenge_25shot", {"--tasks", "arc_challenge", "--limit", "60"}, 60},
        Reference{"agieval_en",
                  {"--tasks", "agieval_en", "--limit", "30", "--subsets",
                   "aqua-rat,logiqa-en,lsat-lr,sat-en-without-passage"},
                  120},
        Reference{"agieval_math", {"--tasks", "agieval_en", "--limit", "30", "--subsets", "math"}, 30},
        Reference{"gsm8k_cot", {"--tasks", "gsm8k_cot", "--limit", "40"}, 40},
        Reference{"humaneval", {"--tasks", "humaneval", "--limit", "40", "--max-tokens", "512", "--no-execute"}, 40}),
    [](const auto& instance) { return instance.param.file; });

}  // namespace
}  // namespace assay::testing
