// What rendering promises beside the golden prompts: ids, order, clusters, prefixes, and errors that name the way out.
#include <gtest/gtest.h>

#include <ctime>
#include <iostream>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "tasks/task.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace assay::tasks {
namespace {

namespace fs = std::filesystem;

const std::string& prompt_of(const engine::Request& request) {
  if (const auto* likelihood = std::get_if<engine::LogLikelihoodRequest>(&request)) return likelihood->context;
  return std::get<engine::GenerateRequest>(request).prompt;
}

RenderOptions with(const std::string& protocol, std::optional<int> shots = {}, int limit = 0,
                   std::vector<std::string> subsets = {}) {
  return {protocol, shots, limit, std::move(subsets), {}};
}

template <typename Function>
void expect_error(ExitCode code, const std::string& says, Function function) {
  try {
    function();
    ADD_FAILURE() << "accepted, though it should say: " << says;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(std::string(error.what()).find(says), std::string::npos) << error.what();
  }
}

struct TaskFacts {
  const char* task;
  const char* first_id;
  size_t clusters;  // distinct, not empty
  int shots;
};

TEST(Render, IdsClustersAndOrder) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const Registry registry;
  for (const TaskFacts& facts :
       {TaskFacts{"mmlu", "abstract_algebra/test/0", 57, 5}, TaskFacts{"arc_easy", "Mercury_417466", 0, 0},
        TaskFacts{"arc_challenge", "Mercury_7175875", 0, 25}, TaskFacts{"agieval_en", "aqua-rat/0", 0, 0},
        TaskFacts{"gsm8k", "gsm8k/test/0", 0, 5}, TaskFacts{"gsm8k_cot", "gsm8k/test/0", 0, 8},
        TaskFacts{"humaneval", "HumanEval/0", 0, 0}, TaskFacts{"mmlu_llama", "abstract_algebra/test/0", 57, 5},
        TaskFacts{"arc_challenge_llama", "Mercury_7175875", 0, 0},
        TaskFacts{"arc_challenge_chat", "Mercury_7175875", 0, 0}, TaskFacts{"gsm8k_cot_llama", "gsm8k/test/0", 0, 8},
        TaskFacts{"humaneval_instruct", "HumanEval/0", 0, 0}}) {
    const std::clock_t begin = std::clock();
    const RenderedTask rendered = render(registry.find(facts.task), with("lm_eval"), {data});
    const double seconds = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    EXPECT_LT(seconds, 20);  // far above the usual: the sanitizers run this too
    std::set<std::string> ids;
    std::set<std::string> clusters;
    size_t bytes = 0;
    for (size_t i = 0; i < rendered.items.size(); ++i) {
      const datasets::Sample& sample = rendered.items[i].sample;
      ids.insert(sample.id);
      if (!sample.cluster.empty()) clusters.insert(sample.cluster);
      bytes += prompt_of(rendered.items[i].request).size();
      if (i == 0) continue;
      const datasets::Sample& before = rendered.items[i - 1].sample;
      EXPECT_LT(std::tie(before.subset, before.index), std::tie(sample.subset, sample.index));
    }
    EXPECT_EQ(rendered.items.at(0).sample.id, facts.first_id);
    EXPECT_EQ(ids.size(), rendered.items.size()) << facts.task;
    if (std::string(facts.task) == "agieval_en") {
      EXPECT_GT(clusters.size(), 100u);
      EXPECT_LT(clusters.size(), 2000u);
    } else {
      EXPECT_EQ(clusters.size(), facts.clusters) << facts.task;
    }
    EXPECT_EQ(rendered.shots, facts.shots);
    EXPECT_EQ(rendered.data_sha256.size(), 64u);
    std::cout << facts.task << ": " << ids.size() << " prompts, " << bytes / 1000 << " kB, " << clusters.size()
              << " clusters, " << seconds << " s of processor time\n";
  }
}

TEST(Render, LimitAndSubsetsGiveAPartOfTheWhole) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const Registry registry;
  struct Case {
    const char* task;
    const char* protocol;
    std::vector<std::string> subsets;
    int limit;
    size_t items;
  };
  for (const Case& c :
       {Case{"mmlu", "lm_eval", {"anatomy", "virology", "anatomy"}, 3, 6}, Case{"mmlu", "llama3", {}, 2, 114},
        Case{"arc_challenge", "lm_eval", {}, 7, 7}, Case{"arc_challenge", "llama3", {}, 400, 400},
        Case{"gsm8k", "lm_eval", {}, 11, 11}, Case{"agieval_en", "llama3", {"math", "sat-en"}, 5, 10}}) {
    const RenderedTask whole = render(registry.find(c.task), with(c.protocol), {data});
    const RenderedTask part = render(registry.find(c.task), with(c.protocol, {}, c.limit, c.subsets), {data});
    std::map<std::string, std::string> prompts;
    for (const Item& item : whole.items) prompts[item.sample.id] = prompt_of(item.request);
    EXPECT_EQ(part.items.size(), c.items) << c.task;
    for (const Item& item : part.items)
      EXPECT_EQ(prompts.at(item.sample.id), prompt_of(item.request)) << item.sample.id;
  }
}

TEST(Render, WhatTheProtocolDecides) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const Registry registry;
  const auto generation = [&](const char* task, const char* protocol) {
    RenderOptions options = with(protocol, {}, 1);
    if (std::string(task) == "agieval_en") options.subsets = {"math"};
    return std::get<engine::GenerateRequest>(render(registry.find(task), options, {data}).items.at(0).request);
  };
  struct Case {
    const char* task;
    const char* protocol;
    int max_tokens;
    bool end_text;
  };
  for (const Case& c :
       {Case{"gsm8k", "lm_eval", 256, true}, Case{"gsm8k_cot", "lm_eval", 256, true},
        Case{"gsm8k", "llama3", 512, false}, Case{"humaneval", "lm_eval", 1024, true},
        Case{"humaneval", "llama3", 1024, false}, Case{"agieval_en", "lm_eval", 32, true},
        Case{"mmlu", "llama3_instruct", 10, false}, Case{"mmlu_llama", "lm_eval", 10, true},
        Case{"arc_challenge", "llama3_instruct", 100, false}, Case{"arc_challenge_llama", "lm_eval", 100, true},
        Case{"arc_challenge_chat", "lm_eval", 100, true}, Case{"gsm8k", "llama3_instruct", 512, false},
        Case{"gsm8k_cot_llama", "lm_eval", 256, true}, Case{"humaneval", "llama3_instruct", 1024, false},
        Case{"humaneval_instruct", "lm_eval", 1024, true}}) {
    EXPECT_EQ(generation(c.task, c.protocol).max_tokens, c.max_tokens) << c.task << " " << c.protocol;
    EXPECT_EQ(generation(c.task, c.protocol).stop_at_end_text, c.end_text) << c.task << " " << c.protocol;
  }
  RenderOptions longer = with("llama3", {}, 1);
  longer.max_tokens = 1024;
  EXPECT_EQ(
      std::get<engine::GenerateRequest>(render(registry.find("gsm8k"), longer, {data}).items.at(0).request).max_tokens,
      1024);

  const RenderedTask mmlu = render(registry.find("mmlu"), with("llama3", {}, 1), {data});
  EXPECT_EQ(mmlu.average, nlohmann::json({{"headline", "macro"}, {"group_stderr", "samples"}}));
  ASSERT_EQ(mmlu.groups.size(), 4u);
  EXPECT_EQ(mmlu.groups[0].first, "stem");
  EXPECT_EQ(mmlu.groups[0].second.size(), 19u);
  EXPECT_EQ(render(registry.find("mmlu"), with("llama3_instruct", {}, 1), {data}).average, mmlu.average);
  for (const char* task : {"mmlu", "mmlu_llama"}) {
    const RenderedTask harness = render(registry.find(task), with("lm_eval", {}, 1), {data});
    EXPECT_EQ(harness.average, nlohmann::json({{"headline", "micro"}, {"group_stderr", "pooled"}})) << task;
    EXPECT_EQ(harness.groups, mmlu.groups) << task;
  }
  const RenderedTask agieval = render(registry.find("agieval_en"), with("llama3"), {data});
  size_t averaged = 0;
  for (const Item& item : agieval.items) {
    const auto& subsets = agieval.averaged_subsets;
    averaged += std::find(subsets.begin(), subsets.end(), item.sample.subset) != subsets.end() ? 1 : 0;
  }
  EXPECT_EQ(averaged, 2546u);
  EXPECT_EQ(agieval.shots, 5);
}

TEST(Render, RefusesWhatCannotBeAsked) {
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const Registry registry;
  const auto ask = [&](const char* task, RenderOptions options) {
    return [&, task, options] { render(registry.find(task), options, {data}); };
  };
  expect_error(ExitCode::kUsage, "it has: lm_eval", ask("arc_easy", with("llama3")));
  expect_error(ExitCode::kUsage, "did you mean \"anatomy\"", ask("mmlu", with("lm_eval", {}, 0, {"anatmy"})));
  expect_error(ExitCode::kUsage, "has no subsets", ask("gsm8k", with("lm_eval", {}, 0, {"main"})));
  expect_error(ExitCode::kUsage, "use --shots 5", ask("mmlu", with("lm_eval", 6)));
  expect_error(ExitCode::kUsage, "use --shots 8", ask("gsm8k_cot", with("lm_eval", 9)));
  expect_error(ExitCode::kUsage, "use --shots 0", ask("humaneval", with("lm_eval", 1)));
  expect_error(ExitCode::kUsage, "must not be negative", ask("mmlu", with("lm_eval", -1)));
  expect_error(ExitCode::kUsage, "must not be negative", ask("mmlu", with("lm_eval", {}, -1)));
  expect_error(ExitCode::kUnavailable, "searched: /nowhere, /nowhere2", [&] {
    render(registry.find("mmlu"), with("lm_eval"), {"/nowhere", "/nowhere2"});
  });
}

TEST(Render, NamesTheSubjectThatAFolderLacks) {
  const testing::TemporaryFolder folder;
  const std::string row = "q,1,2,3,4,A\n";
  folder.write("mmlu/test/anatomy_test.csv", row + row);
  folder.write("mmlu/test/astronomy_test.csv", row);
  folder.write("mmlu/dev/anatomy_dev.csv", row + row + row + row + row);
  const Registry registry;
  const Task& mmlu = registry.find("mmlu");
  const RenderedTask rendered = render(mmlu, with("lm_eval", {}, 0, {"anatomy"}), {folder.path()});
  EXPECT_EQ(rendered.items.size(), 2u);
  expect_error(ExitCode::kUnavailable,
               "mmlu/test/abstract_algebra_test.csv: the file of the subset \"abstract_algebra\" is missing",
               [&] { render(mmlu, with("lm_eval"), {folder.path()}); });
  expect_error(ExitCode::kUnavailable, "mmlu/dev/astronomy_dev.csv",
               [&] { render(mmlu, with("lm_eval", {}, 0, {"astronomy"}), {folder.path()}); });
  folder.write("mmlu/test/virology_test.csv", "");
  expect_error(ExitCode::kBadInput, "virology_test.csv: the file has no items",
               [&] { render(mmlu, with("lm_eval", 0, 0, {"virology"}), {folder.path()}); });
}

TEST(Render, NamesRowsThatCannotBeAsked) {
  const testing::TemporaryFolder folder;
  const Registry registry;
  folder.write("gsm8k/test.jsonl", "{\"question\": \"q\", \"answer\": \"no marks\"}\n");
  expect_error(ExitCode::kBadInput, "test.jsonl:1: the text has no \"####\"",
               [&] { render(registry.find("gsm8k_cot"), with("lm_eval", 0), {folder.path()}); });
  folder.write("agieval/data/v1/math.jsonl", "{\"question\": \"q\"}\n");
  expect_error(ExitCode::kBadInput, "math.jsonl:1: the reference answer is empty",
               [&] { render(registry.find("agieval_en"), with("lm_eval", 0, 0, {"math"}), {folder.path()}); });
  folder.write("agieval/data/v1/sat-en.jsonl", "{\"question\": \"q\", \"options\": [\"a\"]}\n");
  expect_error(ExitCode::kBadInput, "sat-en.jsonl:1: the item does not say which option is right",
               [&] { render(registry.find("agieval_en"), with("lm_eval", 0, 0, {"sat-en"}), {folder.path()}); });
  const std::string line =
      R"({"task_id": "HumanEval/0", "prompt": "p", "test": "t", "entry_point": "e", "canonical_solution": "c"})";
  folder.write("humaneval/HumanEval.jsonl", line + "\n" + line + "\n");
  expect_error(ExitCode::kBadInput, "HumanEval.jsonl:2: the id \"HumanEval/0\" is already that of line 1",
               [&] { render(registry.find("humaneval"), with("lm_eval"), {folder.path()}); });
}

TEST(Render, PackedAndUnpackedHumanEvalAreTheSameRun) {
  ASSAY_REQUIRE_SHARED(data, "datasets/humaneval");
  const testing::TemporaryFolder folder;
  fs::create_directories(folder.path() / "humaneval");
  fs::copy_file(data / "HumanEval.jsonl.gz", folder.path() / "humaneval/HumanEval.jsonl.gz");
  const Registry registry;
  const RenderedTask packed = render(registry.find("humaneval"), with("lm_eval"), {folder.path()});
  const RenderedTask plain = render(registry.find("humaneval"), with("lm_eval"), {data.parent_path()});
  EXPECT_EQ(packed.items.size(), 164u);
  EXPECT_EQ(packed.data_sha256, plain.data_sha256);
}

TEST(Render, TextFile) {
  const testing::TemporaryFolder folder;
  const RenderedTask rendered = render_text_file(folder.write("a.txt", "Some text.\n"), 512);
  EXPECT_EQ(rendered.task, "text:a.txt");
  ASSERT_EQ(rendered.items.size(), 1u);
  const auto& request = std::get<engine::TextRequest>(rendered.items[0].request);
  EXPECT_EQ(request.text, "Some text.\n");
  EXPECT_EQ(request.stride, 512);
  EXPECT_EQ(rendered.scorer, nlohmann::json({{"kind", "perplexity"}}));
  expect_error(ExitCode::kBadInput, "is empty", [&] { render_text_file(folder.write("b.txt", ""), 0); });
  expect_error(ExitCode::kBadInput, "UTF-8", [&] { render_text_file(folder.write("c.txt", "\xFF"), 0); });
  expect_error(ExitCode::kIo, "nowhere", [&] { render_text_file(folder.path() / "nowhere", 0); });
}

}  // namespace
}  // namespace assay::tasks
