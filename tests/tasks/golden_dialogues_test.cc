// lm-evaluation-harness's chat tasks against its own prompts: with the Llama 3 format all of golden/prompts, with
// SmolLM2's the chat files of golden/lm_eval.
#include <gtest/gtest.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "tasks/dialogue.h"
#include "tasks/task.h"
#include "tests/support/golden.h"

namespace assay::tasks {
namespace {

using nlohmann::json;

RenderedTask rendered(const std::string& task, const std::filesystem::path& data) {
  return render(Registry().find(task), {}, {data});
}

const engine::GenerateRequest& asked(const Item& item) {
  return std::get<engine::GenerateRequest>(item.request);
}

std::vector<json> lines_of(const std::filesystem::path& file) {
  std::vector<json> lines;
  const std::string text = read_text_file(file);
  for (const std::string_view line : split_lines(text)) lines.push_back(json::parse(line));
  return lines;
}

// PROTOCOLS.md §7: "Verified against lm-eval's tasks with --apply_chat_template --fewshot_as_multiturn and the Llama 3
// template", so its tasks and llama3_instruct have the same texts.
TEST(GoldenDialogues, HarnessTasksInTheLlama3Format) {
  ASSAY_REQUIRE_SHARED(folder, "golden/prompts/llama3_instruct");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const struct {
    const char* task;
    const char* golden;
    size_t prompts;
  } cases[] = {{"mmlu_llama", "mmlu", 7032},
               {"arc_challenge_llama", "arc_challenge", 582},
               {"gsm8k_cot_llama", "gsm8k", 660},
               {"humaneval_instruct", "humaneval", 82}};
  for (const auto& c : cases) {
    const RenderedTask task = rendered(c.task, data);
    std::map<std::pair<std::string, int>, const Item*> by_place;
    for (const Item& item : task.items) by_place[{item.sample.subset, item.sample.index}] = &item;
    size_t equal = 0;
    for (const json& golden : lines_of(folder / (std::string(c.golden) + ".jsonl.gz"))) {
      const std::string subset = std::string(c.golden) == "mmlu" ? golden.at("subset").get<std::string>() : "";
      const Item& item = *by_place.at({subset, golden.at("index")});
      const bool same = sha256_hex(llama3_text(asked(item).turns)) == golden.at("prompt_sha256") &&
                        asked(item).stops == golden.at("until").get<std::vector<std::string>>() &&
                        item.gold.text == golden.at("gold");
      EXPECT_TRUE(same) << golden << "\n" << llama3_text(asked(item).turns);
      if (!same) break;
      ++equal;
    }
    EXPECT_EQ(equal, c.prompts);
    std::cout << c.task << ": " << equal << " prompts, stops and references equal to the golden ones\n";
  }
}

// What SmolLM2's chat template writes, as golden/lm_eval/README.md and its prompts show it.
std::string smollm2_text(const std::vector<engine::Turn>& turns) {
  std::string text =
      "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n";
  for (size_t i = 0; i < turns.size(); ++i) {
    text += "<|im_start|>" + turns[i].role + "\n" + turns[i].content;
    if (i + 1 == turns.size() && turns[i].role == "assistant") return text;
    text += "<|im_end|>\n";
  }
  return text + "<|im_start|>assistant\n";
}

TEST(GoldenDialogues, HarnessTasksWithSmolLM2) {
  ASSAY_REQUIRE_SHARED(folder, "golden/lm_eval");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const struct {
    const char* task;
    const char* golden;
    size_t prompts;
  } cases[] = {{"arc_challenge_chat", "arc_challenge_chat", 40}, {"gsm8k_cot_llama", "gsm8k_cot_llama_chat", 16}};
  for (const auto& c : cases) {
    const RenderedTask task = rendered(c.task, data);
    size_t equal = 0;
    for (const json& golden : lines_of(folder / (std::string(c.golden) + ".jsonl.gz"))) {
      const Item& item = task.items.at(golden.at("doc_id").get<size_t>());
      const engine::GenerateRequest& request = asked(item);
      EXPECT_EQ(smollm2_text(request.turns), golden.at("prompt"));
      EXPECT_EQ(sha256_hex(smollm2_text(request.turns)), golden.at("prompt_sha256"));
      EXPECT_EQ(request.stops, golden.at("until").get<std::vector<std::string>>());
      EXPECT_EQ(request.max_tokens, golden.at("max_gen_toks"));
      EXPECT_EQ(item.gold.text, golden.at("gold"));
      if (golden.at("native_id").is_string()) {
        EXPECT_EQ(item.sample.id, golden.at("native_id"));
      }
      ++equal;
    }
    EXPECT_EQ(equal, c.prompts);
    std::cout << c.golden << ": " << equal << " prompts held against the golden ones\n";
  }
}

// PROTOCOLS.md §7: "all 1,172 items, ..., D only where there is a fourth option".
TEST(GoldenDialogues, ArcChatShowsThreeOptionsOrFour) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const RenderedTask task = rendered("arc_challenge_chat", data);
  EXPECT_EQ(task.items.size(), 1172u);
  std::map<size_t, int> items;
  for (const Item& item : task.items) {
    const std::vector<std::string>& options = item.sample.options;
    const std::string& user = asked(item).turns.at(0).content;
    EXPECT_EQ(user.find('\n'), std::string::npos) << user;
    EXPECT_EQ(user.find("\\nD. ") != std::string::npos, options.size() >= 4) << user;
    const std::string last = "\\n" + std::string(options.size() == 3 ? "C. " : "D. ") +
                             options[options.size() == 3 ? 2 : 3] + "\\nYour response should end with ";
    EXPECT_NE(user.find(last), std::string::npos) << user;
    ++items[options.size()];
  }
  EXPECT_EQ(items, (std::map<size_t, int>{{3, 4}, {4, 1165}, {5, 3}}));
}

}  // namespace
}  // namespace assay::tasks
