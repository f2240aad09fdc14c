#include "reports/references.h"

#include <gtest/gtest.h>

#include <iostream>

#include "reports/model_names.h"
#include "reports/same_settings.h"

namespace assay::reports {
namespace {

using datasets::PublishedNumber;

TEST(ModelNames, AreTheSystemsThatTheyName) {
  const struct {
    const char* model;
    const char* system;
    bool instruct;
    bool same;
  } cases[] = {
      {"Meta-Llama-3-8B", "Llama 3 8B", false, true},
      {"meta-llama/Meta-Llama-3-8B-Instruct", "Llama 3 8B", true, true},
      {"/models/Meta-Llama-3-70B/", "Llama 3 70B", false, true},
      {"/m/Meta-Llama-3-8B-Instruct.f16.gguf", "Llama 3 8B", true, true},
      {"/m/meta-llama-3-8b.Q8_0.gguf", "Llama 3 8B", false, true},
      {"/hub/models--meta-llama--Meta-Llama-3-8B/snapshots/62bd457b6fe961a42a631306577e622c83876cb6", "Llama 3 8B",
       false, true},
      {"llama3-8b", "Llama 3 8B", false, true},
      {"Llama-2-7b-chat-hf", "Llama 2 7B", true, true},
      {"Llama-2-13b-hf", "Llama 2 13B", false, true},
      {"Mistral-7B-v0.1", "Mistral 7B", false, true},
      {"Mixtral-8x22B-v0.1", "Mixtral 8x22B", false, true},
      {"gemma-7b-it", "Gemma 7B", true, true},
      {"gpt-3.5-turbo", "GPT-3.5 Turbo", false, true},
      {"claude-3-opus-20240229", "Claude 3 Opus", false, true},
      {"gemini-1.5-pro", "Gemini Pro 1.5", false, true},
      {"Llama 3 400B+", "Llama 3 400B+", false, true},
      // Another size, version or quantisation is another model.
      {"Llama-3.1-8B", "Llama 3 8B", false, false},
      {"Meta-Llama-3-8B", "Llama 3 70B", false, false},
      {"Llama-3.2-1B", "Llama 3 8B", false, false},
      {"Mistral-7B-v0.3", "Mistral 7B", false, false},
      {"gemma-1.1-7b-it", "Gemma 7B", true, false},
      {"gemma-2-7b", "Gemma 7B", false, false},
      {"meta-llama-3-8b.Q4_K_M.gguf", "Llama 3 8B", false, false},
      {"gpt-4-turbo-2024-04-09", "GPT-4", false, false},
      {"SmolLM2-135M-Instruct", "Llama 3 8B", true, false},
      {"Llama-3-8B-finetuned", "Llama 3 8B", false, false},
      {"", "Llama 3 8B", false, false},
  };
  for (const auto& each : cases) {
    const SystemName name = system_name(each.model);
    EXPECT_EQ(name.words == system_name(each.system).words, each.same) << each.model;
    EXPECT_EQ(name.instruct, each.instruct) << each.model;
  }
  std::cout << std::size(cases) << " names\n";
}

scorers::Metric metric(const char* name, const char* average, double low, double high) {
  return {name, "", "", average, (low + high) / 2, 0.004, low, high, 14042};
}

Measured llama3(const std::string& task) {
  Measured measured;
  measured.model = "/models/Meta-Llama-3-8B";
  measured.task = task;
  measured.protocol = "llama3";
  measured.shots = task == "arc_challenge" ? 25 : 5;
  measured.samples = task == "mmlu" ? 14042 : task == "arc_challenge" ? 1165 : 3852;
  measured.metrics = {metric("acc", "macro", 0.6580, 0.6740), metric("acc", "micro", 0.65, 0.66)};
  return measured;
}

// The reference with this metric and date; fails the test where it is missing.
Reference find(const std::vector<Reference>& references, const std::string& metric, const std::string& date) {
  for (const Reference& each : references) {
    if (each.number.metric == metric && each.number.source_date == date) return each;
  }
  ADD_FAILURE() << metric << " of " << date << " is missing";
  return {};
}

PublishedNumber row(const std::string& metric, double value, const std::string& date, const std::string& setting) {
  return {"Llama 3 8B", "pretrained",      "mmlu", metric, value,     "66.6", "percent", "5",
          setting,      "Meta (measured)", "here", date,   "primary", ""};
}

const std::vector<PublishedNumber>& rows() {
  static const std::vector<PublishedNumber> all = [] {
    std::vector<PublishedNumber> rows = {
        row("accuracy_macro", 66.6, "2024-04-18", "choice-letter log-likelihood; macro average over subjects"),
        row("accuracy_micro", 70.1, "2024-04-18", "choice-letter log-likelihood; micro average over questions"),
        row("accuracy_macro", 66.6, "2024-01-01", "choice-letter log-likelihood; macro average over subjects"),
        row("accuracy", 66.6, "2024-02-01", "CoT"),
        row("accuracy", 50, "2024-03-01", "recalled"),
        row("accuracy", 50, "2024-05-01", "other variant"),
        row("accuracy", 50, "2024-06-01", "other task")};
    rows[4].confidence = "memory";
    rows[5].variant = "instruct";
    rows[6].task = "gsm8k";
    return rows;
  }();
  return all;
}

TEST(References, SameSettingsAreComparedAndOthersNamed) {
  const std::vector<Reference> found = references_for(llama3("mmlu"), rows());
  ASSERT_EQ(found.size(), 4u) << "neither memory, nor another variant, nor another task";
  EXPECT_TRUE(found[0].same_setting && found[1].same_setting) << "same settings come first";
  const Reference macro = find(found, "accuracy_macro", "2024-04-18");
  EXPECT_EQ(macro.sentence, "agrees within the interval (65.80 .. 67.40)");
  EXPECT_EQ(macro.agrees, true);
  const Reference micro = find(found, "accuracy_micro", "2024-04-18");
  EXPECT_EQ(micro.sentence, "lies outside the interval (65.00 .. 66.00)");
  EXPECT_EQ(micro.agrees, false);
  const Reference other = find(found, "accuracy", "2024-02-01");
  EXPECT_FALSE(other.same_setting || other.agrees.has_value()) << "the same value is not the same measurement";
  EXPECT_EQ(other.sentence, "measured with another setting (5-shot; CoT)");
  EXPECT_FALSE(find(found, "accuracy_macro", "2024-01-01").same_setting) << "another date is another row";
  EXPECT_NE(references_text(found).find("agrees within"), std::string::npos);
  EXPECT_EQ(references_json(found).at(0).at("agrees"), true);
  EXPECT_TRUE(references_json(found).at(2).at("agrees").is_null());
  EXPECT_EQ(references_text({}), "");
}

TEST(References, AnythingElseOfTheRunIsAnotherSetting) {
  const auto none_same = [](const Measured& measured) {
    for (const Reference& each : references_for(measured, rows())) {
      if (each.same_setting) return false;
    }
    return true;
  };
  Measured measured = llama3("mmlu");
  EXPECT_FALSE(none_same(measured));
  measured.protocol = "lm_eval";
  EXPECT_TRUE(none_same(measured));
  measured = llama3("mmlu");
  measured.shots = 4;
  EXPECT_TRUE(none_same(measured));
  measured = llama3("mmlu");
  measured.samples = 570;
  EXPECT_TRUE(none_same(measured)) << "a part of the benchmark";
  measured = llama3("mmlu");
  measured.max_tokens = 10;
  EXPECT_TRUE(none_same(measured)) << "a generation";
  measured = llama3("mmlu");
  measured.chat = true;
  EXPECT_TRUE(none_same(measured));
  measured = llama3("mmlu");
  measured.metrics.clear();
  EXPECT_TRUE(none_same(measured));
}

TEST(References, TheTagSystemOverridesTheName) {
  Measured measured = llama3("mmlu");
  measured.model = "checkpoint-400";
  EXPECT_TRUE(references_for(measured, rows()).empty());
  measured.system = "Llama 3 8B";
  EXPECT_EQ(references_for(measured, rows()).size(), 4u);
  measured.system = "Llama 3 8B Instruct";
  EXPECT_EQ(references_for(measured, rows()).size(), 1u);
}

TEST(References, AGenerationIsTheSameOnlyGreedilyAndWithTheSameLimit) {
  const struct {
    store::Json decoding;
    int max_tokens;
  } cases[] = {
      {nullptr, 0},
      {{{"temperature", 0.0}, {"top_p", 1.0}, {"seed", nullptr}, {"max_tokens", 512}, {"samples", 1}}, 512},
      {{{"temperature", 0.8}, {"max_tokens", 512}, {"samples", 1}}, -1},
      {{{"temperature", 0}, {"max_tokens", 512}, {"samples", 20}}, -1},
      {{{"temperature", 0}, {"max_tokens", "unknown"}, {"samples", 1}}, -1},
      {{{"max_tokens", 512}}, -1},
      {"unknown", -1},
  };
  for (const auto& c : cases) {
    store::Run run;
    run.manifest = {{"asked", {{"decoding", c.decoding}, {"chat", true}}}};
    EXPECT_EQ(measured_by(run, {}).max_tokens, c.max_tokens) << c.decoding;
    EXPECT_TRUE(measured_by(run, {}).chat);
  }
  PublishedNumber number =
      row("exact_match", 79.6, "2024-04-18", "CoT (Wei et al. 2022 prompt); maj@1; max 512 new tokens");
  number.variant = "instruct";
  number.task = "gsm8k";
  number.shots = "8";
  Measured measured;
  measured.model = "Meta-Llama-3-8B-Instruct";
  measured.task = "gsm8k";
  measured.protocol = "llama3_instruct";
  measured.shots = 8;
  measured.samples = 1319;
  measured.max_tokens = 512;
  measured.chat = true;
  measured.metrics = {metric("exact_match", "micro", 0.77, 0.82)};
  EXPECT_EQ(references_for(measured, {number}).at(0).agrees, true);
  measured.max_tokens = 1024;
  EXPECT_FALSE(references_for(measured, {number}).at(0).same_setting);
}

TEST(References, AManifestWithoutFactsIsNoError) {
  store::Run run;
  run.info.task = "mmlu";
  run.info.protocol = "llama3";
  run.manifest = {{"asked", {{"shots", "unknown"}, {"samples", 14042}, {"chat", "unknown"}}}, {"model_name", 7}};
  const Measured measured = measured_by(run, {{"system", "Llama 3 8B"}});
  EXPECT_EQ(measured.shots, -1);
  EXPECT_EQ(measured.samples, 14042);
  EXPECT_FALSE(measured.chat);
  EXPECT_EQ(references_for(measured, rows()).size(), 4u);
  run.manifest = {{"asked", "damaged"}};
  EXPECT_TRUE(references_for(measured_by(run, {}), rows()).empty());
}

}  // namespace
}  // namespace assay::reports
