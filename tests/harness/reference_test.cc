// `assay reference list`, and published numbers beside a run.
#include <gtest/gtest.h>

#include <iostream>
#include <map>

#include "datasets/published.h"
#include "reports/references.h"
#include "reports/same_settings.h"
#include "tasks/task.h"
#include "tests/harness/assay.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using nlohmann::json;

TEST(Reference, TheListHasSourcesAndCanBeNarrowed) {
  const json all = json::parse(assay_ok({"reference", "list", "--json"}).out);
  EXPECT_EQ(all.size(), 416u);
  for (const json& row : all) EXPECT_FALSE(row.at("source").get<std::string>().empty());
  const json some =
      json::parse(assay_ok({"reference", "list", "--system", "LLAMA 3 8b", "--task", "mmlu", "--json"}).out);
  EXPECT_GT(some.size(), 3u);
  for (const json& row : some) EXPECT_EQ(row.at("system"), "Llama 3 8B");
  const std::string table = assay_ok({"reference", "list", "--task", "agieval_en"}).out;
  EXPECT_NE(table.find("63.0"), std::string::npos);
  EXPECT_EQ(table.find("memory"), std::string::npos);
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{"--task", "mmulu"}, {"--system", "GPT-9"}, {"--nothing"}}) {
    std::vector<std::string> arguments = {"reference", "list"};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    EXPECT_EQ(assay(arguments).exit, 64) << wrong.front();
  }
}

TEST(Reference, EverySameSettingHasPublishedRows) {
  for (const reports::SameSetting& setting : reports::same_settings()) {
    int rows = 0;
    for (const datasets::PublishedNumber& number : datasets::published_numbers()) {
      if (number.task != setting.task || number.variant != setting.variant) continue;
      reports::Measured measured;
      measured.system = number.system;
      measured.task = setting.task;
      measured.protocol = setting.protocol;
      measured.shots = setting.shots;
      measured.samples = setting.samples;
      measured.max_tokens = setting.max_tokens;
      measured.chat = setting.chat;
      if (setting.variant == "instruct") measured.system += " Instruct";
      measured.metrics = {
          {std::string(setting.metric), "", "", std::string(setting.average), 0.5, 0.01, 0.48, 0.52, setting.samples}};
      for (const reports::Reference& each : reports::references_for(measured, {number})) rows += each.same_setting;
    }
    EXPECT_GT(rows, 0) << setting.task << " " << setting.average << " " << setting.source_date;
    std::cout << setting.task << " " << setting.average << " " << setting.source_date << ": " << rows << " rows\n";
  }
}

TEST(Reference, SameSettingsCountEverySampleOfTheProtocol) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const tasks::Registry registry;
  std::map<std::pair<std::string, std::string>, tasks::RenderedTask> rendered;
  for (const reports::SameSetting& setting : reports::same_settings()) {
    const std::string name(setting.task);
    tasks::RenderOptions options;
    options.protocol = setting.protocol;
    const auto [place, is_new] = rendered.try_emplace({name, options.protocol});
    if (is_new) place->second = tasks::render(registry.find(name), options, {data});
    const tasks::RenderedTask& task = place->second;
    EXPECT_EQ(setting.samples, std::ssize(task.items)) << name;
    EXPECT_EQ(setting.shots, task.shots) << name;
    const auto* generated = std::get_if<engine::GenerateRequest>(&task.items.at(0).request);
    const int limit = generated != nullptr ? generated->max_tokens : 0;
    // July's 1,024 tokens are asked with --max-tokens.
    EXPECT_TRUE(setting.max_tokens == limit || (name == "gsm8k" && setting.max_tokens == 1024)) << name;
    EXPECT_EQ(setting.chat, generated != nullptr && !generated->turns.empty()) << name;
  }
}

TEST(Reference, StandsBesideARunOfTheModel) {
  ASSAY_REQUIRE_SHARED(model, "models/TinyStories-656K");
  const TemporaryFolder folder;
  const std::string db = folder / "a.db";
  assay_ok({"run",
            "--model",
            model,
            "--tasks",
            "arc_challenge",
            "--protocol",
            "llama3",
            "--limit",
            "4",
            "--shots",
            "0",
            "--data-dir",
            shared_path("datasets"),
            "--db",
            db,
            "--tag",
            "system=Llama 3 8B",
            "--name",
            "r",
            "--quiet"});
  const json shown = json::parse(assay_ok({"show", "r", "--db", db, "--json"}).out);
  ASSERT_FALSE(shown.at("references").empty());
  for (const json& row : shown.at("references")) {
    EXPECT_EQ(row.at("same_setting"), false) << "four questions without examples";
    EXPECT_TRUE(row.at("sentence").get<std::string>().starts_with("measured with another setting (25-shot"));
  }
  const std::string text = assay_ok({"show", "r", "--db", db}).out;
  EXPECT_NE(text.find("published numbers of Llama 3 8B, pretrained"), std::string::npos) << text;
}

}  // namespace
}  // namespace assay::testing
