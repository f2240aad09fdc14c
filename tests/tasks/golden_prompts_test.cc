// Every golden prompt: SHA-256 of the context, continuations, stops and gold (golden/prompts/README.md).
#include <gtest/gtest.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "tasks/task.h"
#include "tests/support/golden.h"

namespace assay::tasks {
namespace {

struct Case {
  std::string file;  // below golden/prompts, without .jsonl.gz
  std::optional<int> shots;
  std::vector<std::string> subsets;
  size_t golden;    // prompts in the golden file: the items with an even index
  size_t rendered;  // items that we render
};

void PrintTo(const Case& c, std::ostream* out) {
  *out << c.file;
}

const Case kCases[] = {
    {"lm_eval/mmlu", {}, {}, 7032, 14042},         {"lm_eval/mmlu@0shot", 0, {}, 7032, 14042},
    {"lm_eval/arc_challenge", {}, {}, 586, 1172},  {"lm_eval/arc_challenge@0shot", 0, {}, 586, 1172},
    {"lm_eval/arc_easy", {}, {}, 1188, 2376},      {"lm_eval/arc_easy@25shot", 25, {}, 1188, 2376},
    {"lm_eval/agieval_en", {}, {}, 1927, 3852},    {"lm_eval/gsm8k", {}, {}, 660, 1319},
    {"lm_eval/gsm8k_cot", {}, {}, 660, 1319},      {"lm_eval/humaneval", {}, {}, 82, 164},
    {"llama3/mmlu", {}, {}, 7032, 14042},          {"llama3/arc_challenge", {}, {}, 582, 1165},
    {"llama3/agieval_en", {}, {}, 1927, 3852},     {"llama3/agieval_en@cut2048", 2, {"lsat-rc"}, 135, 269},
    {"llama3/gsm8k", {}, {}, 660, 1319},           {"llama3/humaneval", {}, {}, 82, 164},
    {"llama3_instruct/mmlu", {}, {}, 7032, 14042}, {"llama3_instruct/arc_challenge", {}, {}, 582, 1165},
    {"llama3_instruct/gsm8k", {}, {}, 660, 1319},  {"llama3_instruct/humaneval", {}, {}, 82, 164},
};

// Golden files name subsets in the way of their makers.
std::string subset_of(const nlohmann::json& golden) {
  const std::string name = golden.at("subset");
  return name == "main" || name == "test" || name.starts_with("ARC-") ? "" : name;
}

const std::string& prompt_of(const engine::Request& request) {
  if (const auto* likelihood = std::get_if<engine::LogLikelihoodRequest>(&request)) return likelihood->context;
  return std::get<engine::GenerateRequest>(request).prompt;
}

// Compares one item; returns whether all of it is equal.
bool equal(const Item& item, const nlohmann::json& golden) {
  if (sha256_hex(prompt_of(item.request)) != golden.at("prompt_sha256")) return false;
  if (const auto* likelihood = std::get_if<engine::LogLikelihoodRequest>(&item.request)) {
    return likelihood->continuations == golden.at("continuations").get<std::vector<std::string>>() &&
           item.gold.choices == std::vector<int>{golden.at("gold").get<int>()};
  }
  return std::get<engine::GenerateRequest>(item.request).stops == golden.at("until").get<std::vector<std::string>>() &&
         item.gold.text == golden.at("gold");
}

class GoldenPrompts : public ::testing::TestWithParam<Case> {};

TEST_P(GoldenPrompts, EqualByteForByte) {
  ASSAY_REQUIRE_SHARED(folder, "golden/prompts");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const Case& c = GetParam();
  const size_t slash = c.file.find('/');
  RenderOptions options;
  options.protocol = c.file.substr(0, slash);
  options.shots = c.shots;
  options.subsets = c.subsets;
  const std::string task = c.file.substr(slash + 1, c.file.find('@') - slash - 1);
  const RenderedTask rendered = render(Registry().find(task), options, {data});
  EXPECT_EQ(rendered.items.size(), c.rendered);

  std::map<std::pair<std::string, int>, const Item*> by_place;
  for (const Item& item : rendered.items) by_place[{item.sample.subset, item.sample.index}] = &item;
  size_t compared = 0;
  size_t different = 0;
  const std::string text = read_text_file(folder / (c.file + ".jsonl.gz"));
  for (const std::string_view line : split_lines(text)) {
    const auto golden = nlohmann::json::parse(line);
    const auto found = by_place.find({subset_of(golden), golden.at("index")});
    ASSERT_NE(found, by_place.end()) << line.substr(0, 200);
    ++compared;
    if (equal(*found->second, golden)) continue;
    if (++different <= 3) ADD_FAILURE() << golden.dump() << "\n" << prompt_of(found->second->request);
  }
  EXPECT_EQ(different, 0u);
  EXPECT_EQ(compared, c.golden);
  std::cout << c.file << ": " << compared << " prompts equal to the golden ones\n";
}

INSTANTIATE_TEST_SUITE_P(All, GoldenPrompts, ::testing::ValuesIn(kCases));

}  // namespace
}  // namespace assay::tasks
