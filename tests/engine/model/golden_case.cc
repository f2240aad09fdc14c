#include "tests/engine/model/golden_case.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/support/sequence.h"

namespace assay::engine::testing {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr int kMaxRows = 256;

}  // namespace

std::vector<float> read_floats(const fs::path& path) {
  const std::string bytes = read_file(path);
  std::vector<float> values(bytes.size() / sizeof(float));
  std::copy_n(bytes.data(), values.size() * sizeof(float), reinterpret_cast<char*>(values.data()));
  return values;
}

double largest_difference(std::span<const float> a, std::span<const float> b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - b[i]));
  }
  return largest;
}

Loaded load(const fs::path& path, std::unique_ptr<Device> device, DataType type) {
  Loaded loaded;
  const Checkpoint checkpoint = Checkpoint::open(path.string());
  loaded.device = std::move(device);
  loaded.model = std::make_unique<Model>(checkpoint, *loaded.device, type, kMaxRows);
  loaded.model->make_cache(kPages);
  return loaded;
}

std::vector<float> logits_of(Model& model, const std::vector<TokenId>& ids) {
  assay::testing::SequenceFeeder feeder(kPages);
  return model.logits(feeder.append(ids));
}

// Log-probabilities of ids[1..] through the scoring path, in steps of at most kMaxRows tokens.
std::vector<float> logprobs_of(Model& model, const std::vector<TokenId>& ids) {
  assay::testing::SequenceFeeder feeder(kPages);
  std::vector<float> logprobs;
  for (size_t begin = 0; begin + 1 < ids.size(); begin += kMaxRows) {
    const size_t end = std::min(begin + kMaxRows, ids.size() - 1);
    Step& step =
        feeder.append({ids.begin() + static_cast<ptrdiff_t>(begin), ids.begin() + static_cast<ptrdiff_t>(end)});
    for (size_t i = begin; i < end; ++i) step.targets.push_back({static_cast<int>(i - begin), ids[i + 1]});
    for (const LogProbability& result : model.forward(step).logprobs) logprobs.push_back(result.logprob);
  }
  return logprobs;
}

std::vector<TokenId> greedy_of(Model& model, std::vector<TokenId> prompt, size_t count) {
  assay::testing::SequenceFeeder feeder(kPages);
  std::vector<TokenId> generated;
  for (size_t begin = 0; begin + kMaxRows < prompt.size();) {
    model.forward(feeder.append({prompt.begin(), prompt.begin() + kMaxRows}));
    prompt.erase(prompt.begin(), prompt.begin() + kMaxRows);
  }
  while (generated.size() < count) {
    const int last = static_cast<int>(prompt.size()) - 1;
    Step& step = feeder.append(prompt);
    step.segments[0].generated = !generated.empty();
    step.next_tokens = {{last, {}}};
    generated.push_back(model.forward(step).next_tokens.at(0));
    prompt = {generated.back()};
  }
  return generated;
}

std::vector<GoldenCase> golden_cases(const fs::path& root) {
  std::vector<GoldenCase> cases;
  for (const char* name : {"gemma", "gemma2", "llama-odd-f16", "llama2", "llama3", "llama3-sharded", "llama3.1",
                           "llama3.1-f32", "llama3.1-f32-of-bf16", "llama3.2-tied", "mistral-v0.1", "mistral-v0.2",
                           "mixtral", "olmo2", "phi3", "qwen2-padded-vocab", "qwen2-tied", "qwen3"}) {
    // The f32 copy of bf16 weights has the original's logits, bit for bit (README).
    const std::string reference = std::string(name) == "llama3.1-f32-of-bf16" ? "llama3.1" : name;
    cases.push_back({name, root / name, root / reference / "ref", root / reference / "ref" / "inputs.json"});
  }
  const std::vector<std::pair<std::string, std::string>> ggufs = {
      {"llama3-F32", "llama3"},           {"llama3-F16", "llama3"},      {"llama3-BF16", "llama3"},
      {"llama3-Q8_0", "llama3"},          {"llama3-Q4_0", "llama3"},     {"llama3-Q4_1", "llama3"},
      {"llama3-Q5_0", "llama3"},          {"llama3-Q5_1", "llama3"},     {"llama3-F16-align64", "llama3"},
      {"llama3-Q8_0-version2", "llama3"}, {"llama3.1-BF16", "llama3.1"}, {"llama3.2-tied-Q8_0", "llama3.2-tied"},
      {"qwen2-tied-BF16", "qwen2-tied"},  {"gemma-BF16", "gemma"},       {"kquant-Q2_K", "kquant"},
      {"kquant-Q3_K", "kquant"},          {"kquant-Q4_K", "kquant"},     {"kquant-Q5_K", "kquant"},
      {"kquant-Q6_K", "kquant"},          {"kquant-Q4_K_M", "kquant"},   {"kquant-IQ4_NL", "kquant"},
      {"kquant-IQ4_XS", "kquant"}};
  for (const auto& [name, inputs] : ggufs) {
    std::string reference = name;
    if (name == "llama3-F16-align64") reference = "llama3-F16";
    if (name == "llama3-Q8_0-version2") reference = "llama3-Q8_0";
    cases.push_back({"gguf/" + name, root / "gguf" / (name + ".gguf"), root / "gguf" / (reference + ".ref"),
                     root / "gguf" / (inputs + ".inputs.json")});
  }
  return cases;
}

double compare_golden(const GoldenCase& test, const std::function<std::unique_ptr<Device>()>& make_device,
                      Depth depth) {
  SCOPED_TRACE(test.name);
  double worst = 0;
  const json reference = json::parse(read_file(test.reference / "reference.json"));
  const auto sequences = json::parse(read_file(test.inputs)).at("sequences").get<std::vector<std::vector<TokenId>>>();
  EXPECT_EQ(sequences.size(), 4u);
  const Loaded loaded = load(test.checkpoint, make_device(), DataType::kF32);
  const std::vector<std::string> files = {"logits_1.f32", "logits_7.f32", "logits_40.f32", "logits_200_last8.f32"};
  const bool all = depth == Depth::kAll;
  for (size_t i = 0; i < (all ? sequences.size() : 3); ++i) {
    const std::vector<float> expected = read_floats(test.reference / files[i]);
    const std::vector<float> logits = logits_of(*loaded.model, sequences[i]);
    // All positions of the first three, the last eight of the longest.
    EXPECT_EQ(logits.size(), i < 3 ? expected.size() : expected.size() / 8 * sequences[i].size());
    const double difference = largest_difference(std::span(logits).last(expected.size()), expected);
    EXPECT_LE(difference, kLogitTolerance) << files[i];
    worst = std::max(worst, difference);

    const std::vector<float> logprobs = logprobs_of(*loaded.model, sequences[i]);
    const auto expected_logprobs = reference.at("token_logprobs").at(i).get<std::vector<float>>();
    EXPECT_LE(largest_difference(logprobs, expected_logprobs), kLogprobTolerance) << files[i];
  }
  for (size_t i : {size_t{1}, size_t{2}}) {
    if (i == 2 && !all) continue;
    auto expected =
        reference.at("greedy").at(std::to_string(sequences[i].size())).at("ids").get<std::vector<TokenId>>();
    if (!all) expected.resize(8);
    EXPECT_EQ(greedy_of(*loaded.model, sequences[i], expected.size()), expected);
  }
  return worst;
}

}  // namespace assay::engine::testing
