// --chat: dialogues written by the model's own template, end to end, against lm-evaluation-harness's with SmolLM2.
#include <gtest/gtest.h>

#include <iostream>

#include "base/hash.h"
#include "tests/harness/assay.h"
#include "tests/support/golden.h"

namespace assay::testing {
namespace {

using nlohmann::json;

std::vector<json> golden_lines(const std::filesystem::path& file) {
  return read_json_lines(file);
}

// Prompts to the byte, and as many tokens.
TEST(Chat, PromptsAreThoseOfLmEval) {
  ASSAY_REQUIRE_SHARED(model, "models/SmolLM2-135M-Instruct");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  ASSAY_REQUIRE_SHARED(golden, "golden/lm_eval");
  const struct {
    const char* task;
    const char* file;
    const char* limit;
  } tasks[] = {{"arc_challenge_chat", "arc_challenge_chat.jsonl.gz", "40"},
               {"gsm8k_cot_llama", "gsm8k_cot_llama_chat.jsonl.gz", "16"}};
  int compared = 0;
  for (const auto& task : tasks) {
    const Outcome outcome = assay_ok(
        {"tasks", "render", task.task, "--model", model, "--limit", task.limit, "--data-dir", data, "--out", "-"});
    std::vector<json> rendered;
    for (const std::string_view line : split_lines(outcome.out)) rendered.push_back(json::parse(line));
    const std::vector<json> wanted = golden_lines(golden / task.file);
    ASSERT_EQ(rendered.size(), wanted.size());
    for (size_t i = 0; i < wanted.size(); ++i) {
      EXPECT_EQ(rendered[i].at("prompt"), wanted[i].at("prompt")) << task.task << " " << i;
      EXPECT_EQ(rendered[i].at("prompt_sha256"), wanted[i].at("prompt_sha256"));
      EXPECT_EQ(rendered[i].at("prompt_tokens"), wanted[i].at("prompt_tokens"));
      ++compared;
    }
  }
  std::cout << compared << " prompts of dialogues equal lm-evaluation-harness's\n";
}

// Where lm-evaluation-harness's own choice was clear at every token, so is the text.
TEST(Chat, TextsAreThoseOfLmEval) {
  ASSAY_REQUIRE_SHARED(model, "models/SmolLM2-135M-Instruct");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  ASSAY_REQUIRE_SHARED(golden, "golden/lm_eval");
  const TemporaryFolder folder;
  assay_ok({"run", "--model", model, "--tasks", "arc_challenge_chat", "--limit", "6", "--dtype", "f32", "--name", "a",
            "--data-dir", data, "--db", folder / "a.db"});
  const std::string out = folder / "a.jsonl";
  assay_ok({"export", "a", "--out", out, "--db", folder / "a.db"});
  const std::vector<json> lines = read_json_lines(out);
  const std::vector<json> wanted = golden_lines(golden / "arc_challenge_chat.jsonl.gz");
  ASSERT_EQ(lines.size(), 6u);
  int equal = 0;
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i].at("prompt_sha256"), wanted[i].at("prompt_sha256"));
    if (!wanted[i].at("first_margin_below_1e-3").is_null() || !wanted[i].at("argmax_agrees")) continue;
    EXPECT_EQ(lines[i].at("text"), wanted[i].at("text")) << i;
    ++equal;
  }
  EXPECT_GE(equal, 3);
  std::cout << equal << " texts equal lm-evaluation-harness's\n";
  const json shown = json::parse(assay_ok({"show", "a", "--json", "--db", folder / "a.db"}).out);
  EXPECT_EQ(shown.at("manifest").at("asked").at("chat"), true);
  EXPECT_EQ(shown.at("manifest").at("computed").at("chat_template_sha256").get<std::string>().size(), 64u);
  // What was asked can be asked again, and scored again.
  assay_ok({"replay", "a", "--items", "1", "--db", folder / "a.db"});
  assay_ok({"rescore", "a", "--db", folder / "a.db"});
}

TEST(Chat, WhatCannotBeAskedIsRefusedBeforeTheModelIsLoaded) {
  ASSAY_REQUIRE_SHARED(instruct, "models/SmolLM2-135M-Instruct");
  ASSAY_REQUIRE_SHARED(base, "models/TinyStories-656K");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const TemporaryFolder folder;
  const struct {
    std::filesystem::path model;
    std::vector<std::string> options;
    const char* words;
  } cases[] = {
      {base, {"--tasks", "arc_challenge_chat"}, "has no chat template of its own"},
      {base, {"--tasks", "gsm8k_cot", "--chat", "on"}, "has no chat template of its own"},
      {instruct, {"--tasks", "arc_easy", "--chat", "on"}, "--chat on: task arc_easy"},
      {instruct, {"--tasks", "gsm8k", "--protocol", "llama3_instruct", "--chat", "off"}, "--chat off: protocol"},
  };
  for (const auto& one : cases) {
    std::vector<std::string> arguments = {"run",        "--model", one.model, "--limit",      "1", "--max-tokens", "4",
                                          "--data-dir", data,      "--db",    folder / "a.db"};
    arguments.insert(arguments.end(), one.options.begin(), one.options.end());
    const Outcome outcome = assay(arguments);
    EXPECT_EQ(outcome.exit, 64) << outcome.err;
    EXPECT_NE(outcome.err.find(one.words), std::string::npos) << outcome.err;
  }
}

// --chat on puts a base prompt into one message; --chat off asks a dialogue without markup.
TEST(Chat, OnAndOff) {
  ASSAY_REQUIRE_SHARED(model, "models/SmolLM2-135M-Instruct");
  ASSAY_REQUIRE_SHARED(data, "datasets");
  const TemporaryFolder folder;
  const auto prompt = [&](const std::string& name, std::vector<std::string> options) {
    std::vector<std::string> arguments = {"run", "--model", model,          "--limit", "1", "--max-tokens",
                                          "2",   "--name",  name,           "--shots", "0", "--data-dir",
                                          data,  "--db",    folder / "a.db"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    assay_ok(arguments);
    const std::string out = folder / (name + ".jsonl");
    assay_ok({"export", name, "--with-prompts", "--out", out, "--db", folder / "a.db"});
    return read_json_lines(out).at(0).at("prompt").get<std::string>();
  };
  const std::string plain = prompt("plain", {"--tasks", "gsm8k"});
  const std::string on = prompt("on", {"--tasks", "gsm8k", "--chat", "on"});
  EXPECT_NE(on.find("<|im_start|>user\n" + plain + "<|im_end|>\n<|im_start|>assistant\n"), std::string::npos) << on;
  const std::string off = prompt("off", {"--tasks", "arc_challenge_chat", "--chat", "off"});
  EXPECT_EQ(off.find("<|im_start|>"), std::string::npos) << off;
}

}  // namespace
}  // namespace assay::testing
