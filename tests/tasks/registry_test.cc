#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "tasks/task.h"
#include "tests/support/temporary_folder.h"

namespace assay::tasks {
namespace {

using Names = std::vector<std::string>;

TEST(Registry, HasTheBuiltInTasksAndTheirProtocols) {
  const Registry registry;
  Names names;
  for (const Task& task : registry.tasks()) names.push_back(task.name);
  EXPECT_EQ(names, (Names{"agieval_en", "arc_challenge", "arc_challenge_chat", "arc_challenge_llama", "arc_easy",
                          "demo_agieval", "demo_arc", "demo_gsm8k", "demo_humaneval", "demo_mmlu", "gsm8k", "gsm8k_cot",
                          "gsm8k_cot_llama", "humaneval", "humaneval_instruct", "mmlu", "mmlu_llama"}));
  for (const char* all : {"mmlu", "arc_challenge", "gsm8k", "humaneval"}) {
    EXPECT_EQ(registry.find(all).protocols, (Names{"lm_eval", "llama3", "llama3_instruct"})) << all;
  }
  EXPECT_EQ(registry.find("agieval_en").protocols, (Names{"lm_eval", "llama3"}));
  for (const char* one : {"arc_easy", "gsm8k_cot", "mmlu_llama", "arc_challenge_llama", "arc_challenge_chat",
                          "gsm8k_cot_llama", "humaneval_instruct"}) {
    EXPECT_EQ(registry.find(one).protocols, (Names{"lm_eval"})) << one;
  }
}

TEST(Registry, ResolvesGroups) {
  const Registry registry;
  EXPECT_EQ(registry.resolve({"launch_base"}, "lm_eval"),
            (Names{"mmlu", "arc_challenge", "agieval_en", "humaneval", "gsm8k_cot"}));
  EXPECT_EQ(registry.resolve({"launch_base"}, "llama3"),
            (Names{"mmlu", "arc_challenge", "agieval_en", "humaneval", "gsm8k"}));
  EXPECT_EQ(registry.resolve({"gsm8k", "launch_instruct", "gsm8k"}, "llama3_instruct"),
            (Names{"gsm8k", "mmlu", "arc_challenge", "humaneval"}));
  EXPECT_EQ(registry.resolve({"demo"}, "lm_eval"),
            (Names{"demo_mmlu", "demo_arc", "demo_agieval", "demo_gsm8k", "demo_humaneval"}));
  EXPECT_EQ(registry.resolve({"text:a/b.txt", "mmlu"}, "lm_eval"), (Names{"text:a/b.txt", "mmlu"}));
  try {
    registry.resolve({"mmul"}, "lm_eval");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_NE(std::string(error.what()).find("did you mean \"mmlu\""), std::string::npos) << error.what();
  }
}

TEST(Registry, AGroupOfOneProtocolImpliesItAndRefusesOthers) {
  EXPECT_EQ(implied_protocol({"gsm8k_cot", "launch_instruct"}), "llama3_instruct");
  for (const char* none : {"launch_base", "demo", "mmlu", "text:launch_instruct", "launch_instruc"}) {
    EXPECT_EQ(implied_protocol({none}), std::nullopt) << none;
  }
  for (const char* other : {"lm_eval", "llama3", ""}) {
    try {
      Registry().resolve({"mmlu", "launch_instruct"}, other);
      ADD_FAILURE() << other;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kUsage);
      EXPECT_NE(std::string(error.what()).find("under --protocol llama3_instruct alone"), std::string::npos)
          << error.what();
    }
  }
}

TEST(Registry, AFolderAddsAndReplaces) {
  const testing::TemporaryFolder folder;
  const std::string easy = Registry().find("arc_easy").text;
  folder.write("arc_easy.toml", replace_all(easy, "version = \"1\"", "version = \"2\""));
  folder.write("more.toml", replace_all(easy, "name = \"arc_easy\"", "name = \"arc_more\""));
  folder.write("notes.txt", "not a task");
  const Registry registry({folder.path()});
  EXPECT_EQ(registry.tasks().size(), Registry().tasks().size() + 1);
  EXPECT_EQ(registry.find("arc_easy").version, "2");
  EXPECT_EQ(registry.find("arc_easy").origin, (folder.path() / "arc_easy.toml").string());
  EXPECT_NE(registry.find("arc_easy").sha256, Registry().find("arc_easy").sha256);
  EXPECT_EQ(registry.find("arc_more").protocols, (Names{"lm_eval"}));

  folder.write("group.toml", replace_all(easy, "name = \"arc_easy\"", "name = \"launch_instruct\""));
  EXPECT_THROW(Registry({folder.path()}), Error);
  EXPECT_THROW(Registry({folder.path() / "nowhere"}), Error);
  EXPECT_THROW(load_task(folder.path() / "nowhere.toml"), Error);
}

TEST(Registry, ScorersReachTheHarness) {
  const Registry registry;
  const auto scorer = scorer_table(registry.find("agieval_en"), "lm_eval");
  EXPECT_EQ(scorer.at("kind"), "multiple_choice");
  EXPECT_EQ(scorer.at("metrics"), nlohmann::json({"acc", "acc_norm"}));
  EXPECT_EQ(scorer.at("subsets").at("math"), nlohmann::json({{"kind", "agieval_math"}}));
  const auto cot = scorer_table(registry.find("gsm8k_cot"), "lm_eval");
  EXPECT_EQ(cot.at("filters").at(0).at("regex"), "The answer is (\\-?[0-9\\.\\,]+).");
  EXPECT_EQ(cot.at("regexes_to_ignore"), nlohmann::json({",", "\\$", "(?s).*#### ", "\\.$"}));
  EXPECT_EQ(scorer_table(registry.find("gsm8k"), "llama3"), nlohmann::json({{"kind", "gsm8k_llama3"}}));
  EXPECT_THROW(scorer_table(registry.find("arc_easy"), "llama3"), Error);
}

}  // namespace
}  // namespace assay::tasks
